import { createTransport } from 'nodemailer';
import type { Notifier } from '../../parties/people.ts';

export interface MailOptions {
  /**
   * `smtps://user:password@host:465` or `smtp://user:password@host:587`, the content of a file of mode 0600. `smtp:` goes
   * on only after STARTTLS, except to this machine itself.
   */
  readonly url: string;
  /** Sender, such as `Pactgate <pactgate@iot.example>`. */
  readonly from: string;
  /** Told of failures: host and reason, never recipient or text. */
  readonly log: (message: string, cause: Error) => void;
}

/** Connecting, greeting and each command; a message takes three times this at most (milliseconds). */
const stepLimit = 8_000;

/** One plain address (RFC 5321 section 4.1.2 without quoted forms): nothing that a mailer could read as two. */
const plainAddress = /^[^\s@<>"(),:;\\[\]]{1,64}@[\p{L}\p{N}.-]{1,190}$/u;

const isThisMachine = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);

/**
 * Mail as plain text through one SMTP server. Certificates are verified; nothing in a message makes the library read
 * files or fetch addresses. Throws `TypeError` on an address that is no SMTP URL: a mistake of the configuration.
 */
export function openMail({ url, from, log }: MailOptions): Notifier {
  const server = new URL(url.trim());
  if (server.protocol !== 'smtp:' && server.protocol !== 'smtps:') throw new TypeError('no SMTP address');
  const secure = server.protocol === 'smtps:';
  const here = isThisMachine(server.hostname);
  const user = decodeURIComponent(server.username);
  const transport = createTransport({
    host: server.hostname.replaceAll(/[[\]]/g, ''),
    port: server.port === '' ? (secure ? 465 : 587) : Number(server.port),
    secure,
    requireTLS: !secure && !here,
    ignoreTLS: !secure && here,
    ...(user !== '' && { auth: { user, pass: decodeURIComponent(server.password) } }),
    connectionTimeout: stepLimit,
    greetingTimeout: stepLimit,
    dnsTimeout: stepLimit,
    socketTimeout: stepLimit,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (to, subject, text) => {
      try {
        if (!plainAddress.test(to)) throw new TypeError('no plain mail address');
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
        return 'sent';
      } catch (cause) {
        log(
          `mail server ${server.host} did not take a message`,
          cause instanceof Error ? cause : new Error(String(cause)),
        );
        return 'failed';
      }
    },
  };
}
