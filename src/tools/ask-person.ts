import {
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { cleanText } from '../text/clean.ts';
import type { Call, OpenQuestions } from './tool.ts';

const key = 'questions';
const maxAnswer = 4000;

/** The person at a client of either era, if it can show a form; with what was said when the call was begun before. */
export function personAt(server: McpServer['server'], { mcpReq }: ServerContext): Call['person'] {
  const modern = modernCapabilities.safeParse(mcpReq.envelope).data?.['io.modelcontextprotocol/clientCapabilities'];
  const { elicitation } = modern ?? server.getClientCapabilities() ?? {};
  if (!elicitation || ('url' in elicitation && !('form' in elicitation))) return undefined;
  const state: unknown = mcpReq.requestState();
  return { told: typeof state === 'string' ? { state, answers: answersIn(mcpReq.inputResponses) } : undefined };
}

const modernCapabilities = z.object({
  'io.modelcontextprotocol/clientCapabilities': z.object({ elicitation: z.looseObject({}).optional() }),
});

function answersIn(responses: Record<string, unknown> | undefined): Map<string, string> {
  const response = inputResponse(responses, key);
  if (response.kind !== 'elicit' || response.action !== 'accept') return new Map();
  const given = Object.entries(response.content ?? {});
  const texts = given.map(([name, value]): [string, string] => [
    name,
    cleanText(String(value)).trim().slice(0, maxAnswer),
  ]);
  return new Map(texts.filter(([, text]) => text !== ''));
}

/** What both eras understand: a form with a line for each question, none of which has to be filled in. */
export function toInquiry({ message, questions, state }: OpenQuestions): InputRequiredResult {
  const properties = Object.fromEntries(
    questions.map(({ key: name, text, hint }) => [
      name,
      { type: 'string' as const, title: text, ...(hint && { description: hint }) },
    ]),
  );
  const form = inputRequired.elicit({ message, requestedSchema: { type: 'object', properties } });
  return inputRequired({ inputRequests: { [key]: form }, requestState: state });
}
