import type { Command } from './command.ts';
import { agreementCommands } from './commands/agreement.ts';
import { boardCommands } from './commands/board.ts';
import { completionCommand } from './commands/completion.ts';
import { controlCommands } from './commands/control.ts';
import { deviceCommands } from './commands/device.ts';
import { enrolCommands } from './commands/enrol.ts';
import { incidentCommands } from './commands/incident.ts';
import { ledgerCommands } from './commands/ledger.ts';
import { loginCommands } from './commands/login.ts';
import { modelCommands } from './commands/model.ts';
import { operatorCommands } from './commands/operator.ts';
import { partyCommands } from './commands/party.ts';
import { peopleCommands } from './commands/people.ts';
import { signCommands } from './commands/sign.ts';
import { verifyCommands } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';
import { witnessCommands } from './commands/witness.ts';

const withoutCompletion: readonly Command[] = [
  ...operatorCommands,
  ...loginCommands,
  ...partyCommands,
  ...agreementCommands,
  ...signCommands,
  ...modelCommands,
  ...deviceCommands,
  ...controlCommands,
  ...enrolCommands,
  ...incidentCommands,
  ...boardCommands,
  ...ledgerCommands,
  ...witnessCommands,
  ...verifyCommands,
  ...peopleCommands,
  versionCommand,
];

/** Every command: the parser, the help and the completion read this one table. */
export const commands: readonly Command[] = [...withoutCompletion, completionCommand(withoutCompletion)];
