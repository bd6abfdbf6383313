/** The signature of another key, whatever that of the URL begins with. */
export function withOtherSignature(url: string): string {
  return url.replace(/(?<=Signature=)./, (first) => (first === 'A' ? 'B' : 'A'));
}
