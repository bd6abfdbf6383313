/** The condition keys that every API has. Source: "Policy elements" page of RAM, common condition keys. */
export interface CallerFacts {
  readonly nowMs: number;
  /** `ip:port` */
  readonly remoteAddr: string;
  readonly isSecure: boolean;
  readonly accessKeyId?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** @param key in lower case */
export function commonConditionValue(key: string, facts: CallerFacts): string | undefined {
  switch (key) {
    case 'acs:sourceip':
      return addressOf(facts.remoteAddr);
    case 'acs:currenttime':
      return new Date(facts.nowMs).toISOString();
    case 'acs:securetransport':
      return String(facts.isSecure);
    case 'acs:accessid':
      return facts.accessKeyId;
    case 'acs:useragent':
      return facts.userAgent;
    default:
      return undefined;
  }
}

/** Without port and without the brackets of IPv6. */
function addressOf(remoteAddr: string): string {
  return remoteAddr.slice(0, remoteAddr.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
