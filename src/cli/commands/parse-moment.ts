import { isMoment, MOMENT_FORM, type Moment } from '../../base/dates.ts';
import { BadValue } from '../../config/option-values.ts';

/** @throws BadValue when it is not a point in time */
export function parseMoment(text: string): Moment {
  const value = /^\d+$/.test(text) ? Number(text) : text;
  if (isMoment(value)) return value;
  throw new BadValue(MOMENT_FORM);
}
