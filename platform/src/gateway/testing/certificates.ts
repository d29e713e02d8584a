// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded first
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
let serials = 1;

interface Issuer extends Issued {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly name: string;
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function pemOf(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return x509.PemConverter.encode(der, 'PRIVATE KEY');
}

/** A test CA: issues one server certificate for localhost and device certificates. Times in epoch milliseconds. */
export class TestAuthority {
  readonly issuer: Issuer;

  private constructor(issuer: Issuer) {
    this.issuer = issuer;
  }

  static async create(name = 'test root'): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestAuthority({ cert: certificate.toString('pem'), key: await pemOf(keys), keys, name: `CN=${name}` });
  }

  /** A CA below this one, as a party's issuing CA is below the platform's; its `root` is its own certificate. */
  async subordinate(name: string): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++serials).toString(16).padStart(32, '40'),
      subject: `CN=${name}`,
      issuer: this.issuer.name,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      publicKey: keys.publicKey,
      signingKey: this.issuer.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.issuer.keys.publicKey),
      ],
    });
    return new TestAuthority({ cert: certificate.toString('pem'), key: await pemOf(keys), keys, name: `CN=${name}` });
  }

  get root(): string {
    return this.issuer.cert;
  }

  server(): Promise<Issued> {
    return this.issue('CN=localhost', [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ]);
  }

  device(id: string, notAfter = Date.now() + 3_600_000): Promise<Issued> {
    const extensions = [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `pactgate://acme.pactgate.local/${id}` }]),
    ];
    return this.issue(`O=acme, CN=${id}`, extensions, notAfter);
  }

  private async issue(name: string, extra: x509.Extension[], notAfter = Date.now() + 3_600_000): Promise<Issued> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++serials).toString(16).padStart(32, '40'),
      subject: name,
      issuer: this.issuer.name,
      notBefore: new Date(Date.now() - 7_200_000),
      notAfter: new Date(notAfter),
      publicKey: keys.publicKey,
      signingKey: this.issuer.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(this.issuer.keys.publicKey),
        ...extra,
      ],
    });
    return { cert: certificate.toString('pem'), key: await pemOf(keys) };
  }
}
