/** 3 to 63 characters of `a-z0-9-`, a letter or digit at both ends. Source: PutBucket page. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}
