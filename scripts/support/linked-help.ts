/**
 * The help of an option for a page: the section of the README that it names is a link.
 *
 * @param readme its address from that page; empty on the README itself
 */
export function linkedHelp(help: string, readme: string): string {
  return help.replace(/\(see (\w+) in the README\)/, (_, section: string) => {
    return `(see [${section}](${readme}#${section.toLowerCase()}))`;
  });
}
