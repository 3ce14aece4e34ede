import { agent } from './agent.ts';
import { agents } from './agents.ts';
import { board } from './board.ts';
import { conversation } from './conversation.ts';
import { conversationBranch } from './conversation-branch.ts';
import { conversationTree } from './conversation-tree.ts';
import { file } from './file.ts';
import { health } from './health.ts';
import { models } from './models.ts';
import { overview } from './overview.ts';
import { plan } from './plan.ts';
import { prompt } from './prompt.ts';
import type { Resource } from './resource.ts';
import { run } from './run.ts';
import { ticket } from './ticket.ts';
import { tree } from './tree.ts';

/** Every kind of resource, in the order in which clients list them. */
export const resources: readonly Resource[] = [
  overview,
  tree,
  board,
  agents,
  agent,
  plan,
  ticket,
  conversation,
  conversationTree,
  conversationBranch,
  prompt,
  run,
  models,
  health,
  file,
];
