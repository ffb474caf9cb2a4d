// certificates.mjs -- an authority of a test's own.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });

// An authority, and a certificate of its for 127.0.0.1: paths of PEM files.
export function authority(dir, name) {
  const at = (what) => join(dir, `${name}-${what}.pem`);
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', `/CN=${name}`, '-keyout', at('ca-key'), '-out', at('ca'));
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=nevod',
    '-keyout', at('key'), '-out', at('csr'));
  writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl('x509', '-req', '-in', at('csr'), '-CA', at('ca'), '-CAkey', at('ca-key'), '-CAcreateserial',
    '-days', '2', '-extfile', at('ext'), '-out', at('cert'));
  execFileSync('chmod', ['600', at('key')]);
  return { ca: at('ca'), cert: at('cert'), key: at('key') };
}
