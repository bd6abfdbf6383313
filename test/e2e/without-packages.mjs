/** For `node --import`: the optional packages are not installed. */
import { register } from 'node:module';

const hooks = `
  const MISSING = /^(werift|@libav\\.js\\/.*|ffmpeg-static)$/;
  export function resolve(specifier, context, next) {
    if (!MISSING.test(specifier)) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
