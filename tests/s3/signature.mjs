// signature.mjs -- the signature that AWS documents (Signature Version 4, for
// S3), computed from the request and not from how it was sent.
import { createHash, createHmac } from 'node:crypto';

const encode = (x) => encodeURIComponent(x)
  .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(query) {
  return query.split('&').filter(Boolean)
    .map((pair) => {
      const [name, value = ''] = pair.split('=');
      return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
    })
    .sort().join('&');
}

// What is wrong with the signature of a request, or null.
export function signatureFault(req, secret) {
  const m = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
    .exec(req.headers.authorization ?? '');
  if (!m) return 'no signature';
  const [, , day, region, signed, given] = m;
  const names = signed.split(';');
  if (!names.includes('host') || !names.includes('x-amz-date')) return 'host or date not signed';
  const absent = names.find((n) => req.headers[n] == null);
  if (absent) return `"${absent}" is signed and not sent`;
  const [rawPath, query = ''] = req.url.split('?');
  const path = rawPath.split('/').map((x) => encode(decodeURIComponent(x))).join('/');
  const sha256 = (x) => createHash('sha256').update(x).digest('hex');
  const hmac = (k, x) => createHmac('sha256', k).update(x).digest();
  const canonical = [req.method, path, canonicalQuery(query),
    ...names.map((n) => `${n}:${req.headers[n].trim()}`), '', signed,
    req.headers['x-amz-content-sha256']].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', req.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const signing = [day, region, 's3', 'aws4_request'].reduce(hmac, `AWS4${secret}`);
  return hmac(signing, text).toString('hex') === given ? null : `${canonical}\n---\n${text}`;
}
