/** The UID of the account that owns everything which no other account is named for. */
export const DEFAULT_ACCOUNT = '1234567890123456';
