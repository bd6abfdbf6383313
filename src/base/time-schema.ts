/** Times in stored and exported data, in milliseconds since the epoch. */
import * as v from 'valibot';
import { DATE_RANGE, isInDateRange, isWritableDate } from './date-range.ts';

const whole = v.pipe(v.number('must be a time'), v.safeInteger('must be a time'));

/** Of what has happened: the clock had it. */
export const clockTime = v.pipe(whole, v.check(isInDateRange, `must be a time from ${DATE_RANGE}`));

/** Of what shall happen, which may be after every time of the clock. */
export const plannedTime = v.pipe(whole, v.check(isWritableDate, 'must be a time of the years 0000 to 9999'));
