/** Looks at a document before it is parsed, at what costs the parser more time than its length explains. */
import { malformedXml } from './malformed-xml.ts';

/** CompleteMultipartUpload with quoted ETags has two for each of 10,000 parts. */
const MAX_REFERENCES = 50_000;
/** Comments, CDATA sections and processing instructions: DeleteMultipleObjects may have a CDATA section for each key. */
const MAX_SECTIONS = 5_000;
/** What may hold any characters, and how it begins and ends. */
const SECTIONS = [
  { opening: '<!--', closing: '-->' },
  { opening: '<![CDATA[', closing: ']]>' },
  { opening: '<?', closing: '?>' },
];
const DOCTYPE = '<!DOCTYPE';

/**
 * @throws OssError MalformedXML when there are too many references or sections, or a declaration: sax compares all that it
 * has read of one again at each of its characters
 */
export function checkMarkup(text: string): void {
  let references = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    references += 1;
    if (references > MAX_REFERENCES) throw malformedXml(`there are more than ${MAX_REFERENCES} references`);
  }
  let sections = 0;
  const openings = /<[!?]/g;
  for (let found = openings.exec(text); found; found = openings.exec(text)) {
    const rest = text.slice(found.index, found.index + DOCTYPE.length).toUpperCase();
    // The parser refuses it, and reads no further.
    if (rest === DOCTYPE) return;
    const section = SECTIONS.find(({ opening }) => rest.startsWith(opening));
    if (!section) throw malformedXml('a declaration is not allowed');
    sections += 1;
    if (sections > MAX_SECTIONS) throw malformedXml(`there are more than ${MAX_SECTIONS} comments and CDATA sections`);
    const end = text.indexOf(section.closing, found.index + section.opening.length);
    // The parser says what is missing.
    if (end < 0) return;
    openings.lastIndex = end + section.closing.length;
  }
}
