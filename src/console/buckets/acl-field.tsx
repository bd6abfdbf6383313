/** The ACLs of buckets. Objects have these, and `default`. */
export const BUCKET_ACLS = ['private', 'public-read', 'public-read-write'];
export const OBJECT_ACLS = ['default', ...BUCKET_ACLS];

export interface AclFieldProps {
  readonly label: string;
  readonly choices: readonly string[];
  readonly value: string;
  readonly onChange: (acl: string) => void;
}

export function AclField({ label, choices, value, onChange }: AclFieldProps) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {choices.map((acl) => (
          <option key={acl} value={acl}>
            {acl}
          </option>
        ))}
      </select>
    </label>
  );
}
