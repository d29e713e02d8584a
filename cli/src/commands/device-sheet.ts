import type { Locale } from '@pactgate/protocol';
import type { AnswerOf, routes } from '@pactgate/protocol/api';
import { both } from '../language.ts';
import { plain, table } from '../output.ts';
import { facts } from '../vocabulary.ts';

type Sheet = AnswerOf<(typeof routes)['sheet']>;

/** The connection sheet of a device for a terminal: what to know, the topics, blocks to copy. */
export function sheetText(found: Sheet, locale: Locale): string {
  const head = facts(
    {
      host: found.host,
      mqtt: found.mqttPort,
      est: found.devicePort,
      estUser: found.estUser,
      clientId: found.clientId,
      rootSha256: found.rootSha256,
    },
    locale,
  );
  const topics = table(
    locale === 'zh' ? ['主题', '方向', '说明'] : ['topic', 'direction', 'note'],
    found.topics.map(({ topic, direction, note }) => [topic, direction, note[locale]]),
  );
  const root = {
    title: both('保存平台根证书（root.pem）', 'Keep the root certificate of the platform (root.pem)'),
    text: `cat > root.pem <<'END'\n${found.rootPem.trim()}\nEND`,
  };
  // Commands are for copying: their line ends stay, anything that could drive the terminal goes.
  const commands = [root, ...found.commands].map(
    ({ title, text }) =>
      `# ${plain(title[locale])}\n${text
        .split('\n')
        .map((line) => plain(line))
        .join('\n')}`,
  );
  return [head, topics, ...commands].join('\n\n');
}
