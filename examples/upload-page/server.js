// A page with a form. The browser sends the picture to OSS, not to this server; OSS calls this server back about it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { isFromOss } from './callback-signature.js';

const FORM_VALID_MS = 10 * 60_000;
const MAX_BYTES = 5_000_000;

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
const escapeHtml = (value) => String(value).replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** `client` is one of ali-oss, `bucketUrl` is where forms go, `keyOrigins` are those of keys besides those of OSS. */
export async function startServer({ client, bucketUrl, keyOrigins, port = 0 }) {
  const uploads = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === '/uploaded') {
      const body = await text(request);
      if (!(await isFromOss(request, body, keyOrigins))) return response.writeHead(403).end();
      const upload = JSON.parse(body);
      uploads.push(upload);
      // OSS gives this answer to the browser. It must have a Content-Length, which writeHead() would leave out.
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ stored: upload.key }));
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(signedForm(client, url), uploads));
  });

  function page(fields, pictures) {
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    );
    const items = pictures.map(({ key, size }) => `<li>${escapeHtml(key)} (${escapeHtml(size)} bytes)</li>`);
    return `<!doctype html>
<title>Pictures of the camera</title>
<form method="post" enctype="multipart/form-data" action="${escapeHtml(bucketUrl)}">
  ${inputs.join('\n  ')}
  <input type="file" name="file" accept="image/*" required>
  <button>Send</button>
</form>
<ul>${items.join('')}</ul>`;
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, uploads, stop: () => server.close() };
}

/** What the browser may send: a picture below pictures/, for ten minutes, and only with our callback. */
function signedForm(client, url) {
  const callback = base64({
    callbackUrl: `${url}/uploaded`,
    callbackBody: `{"key":\${object},"size":\${size},"type":\${mimeType}}`,
    callbackBodyType: 'application/json',
  });
  const policy = {
    expiration: new Date(Date.now() + FORM_VALID_MS).toISOString(),
    conditions: [
      { bucket: client.options.bucket },
      { callback },
      ['starts-with', '$key', 'pictures/'],
      ['content-length-range', 1, MAX_BYTES],
    ],
  };
  const { OSSAccessKeyId, Signature, policy: signedPolicy } = client.calculatePostSignature(policy);
  return { key: `pictures/\${filename}`, OSSAccessKeyId, Signature, policy: signedPolicy, callback };
}
