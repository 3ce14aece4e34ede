import * as z from 'zod';
import { contextModes, conversationId, parseConversationId } from '../chats/chat.ts';
import type { Chats } from '../chats/chats.ts';
import type { Done } from '../chats/rows/edit.ts';
import type { Project, Projects } from '../projects/registry.ts';
import { cleanLine, cleanText } from '../text/clean.ts';

/** Fields that the chat tools share. */

const line = (max: number) => z.string().max(max).transform(cleanLine);
const text = (max: number) => z.string().max(max).transform(cleanText);

export const conversation = z.string().min(1).max(220).describe('"C-3" or "shop.C-3"');
export const branchName = line(100).pipe(z.string().min(1));
export const branch = branchName.optional().describe('Default: the main one');
export const message = z.int().min(1).max(999_999_999);
export const messages = z.array(message).min(1).max(200);
/** Nobody can answer what is blank. */
export const messageText = z
  .string()
  .max(1_000_000)
  .transform(cleanText)
  .refine((text) => text.trim() !== '', 'has nothing to read');
export const title = line(200).pipe(z.string().min(1));
export const description = text(2000).optional().describe('What it tries');
export const system = text(50_000).optional().describe('What the model is told first');
export const model = line(200).optional().describe('PROVIDER/MODEL or tier');
export const metadata = z
  .record(line(100).pipe(z.string().min(1)), text(2000))
  .refine((fields) => Object.keys(fields).length <= 50, 'has at most 50 fields')
  .optional();
export const contextMode = z.enum(contextModes).optional().describe('How much of its path a model is shown');
export const reason = line(1000).optional().describe('Why');
export const ifHead = z
  .int()
  .min(0)
  .max(999_999_999)
  .optional()
  .describe('Its last message that you saw; refused if it moved');

/** What the tools answer that make a branch, or take one away or bring it back. */
export const branchOutput = z.object({
  project: z.string(),
  id: z.string(),
  branch: z.string(),
  head: z.int(),
  version: z.int(),
});
export function branchData({ projectId, number, branch, head, version }: Done<{ branch: string; head: number }>) {
  return { project: projectId, id: conversationId(number), branch, head, version };
}

/** A branch under which the old end of another is kept that was moved off it, in both faces. */
export function keptView(kept: string | undefined) {
  return kept === undefined ? {} : { kept };
}
export function keptWords(kept: string | undefined): string {
  return kept === undefined ? '' : ` Its old end is kept as ${JSON.stringify(kept)}.`;
}

/** The conversation that a caller names, in the project that the id or the argument names. */
export async function findConversation(
  input: { conversation: string; project?: string | undefined },
  projects: Projects,
): Promise<{ project: Project; number: number }> {
  const { project, number } = parseConversationId(input.conversation);
  return { project: await projects.findKept(project ?? input.project), number };
}

/** The same, to change it: what a process has left there is settled first, so that the change sees it. */
export async function findForChange(
  input: { conversation: string; project?: string | undefined },
  { projects, chats }: { projects: Projects; chats: Chats },
) {
  const found = await findConversation(input, projects);
  await chats.turns.settleLeft(found.project.id, found.number);
  return found;
}
