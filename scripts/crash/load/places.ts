/** The buckets of the load. The first is made by the emulator itself. */
export const OBJECTS = 'examplebucket';
export const VERSIONED = 'versioned';
