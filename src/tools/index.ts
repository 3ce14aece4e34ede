import { addProject } from './add-project.ts';
import { askModels } from './ask-models.ts';
import { buildContext } from './build-context.ts';
import { claimTicket } from './claim-ticket.ts';
import { clearContext } from './clear-context.ts';
import { compareBranches } from './compare-branches.ts';
import { createBranch } from './create-branch.ts';
import { createConversation } from './create-conversation.ts';
import { createPlan } from './create-plan.ts';
import { createTicket } from './create-ticket.ts';
import { deleteBranch } from './delete-branch.ts';
import { deleteConversation } from './delete-conversation.ts';
import { deleteMessage } from './delete-message.ts';
import { deletePrompt } from './delete-prompt.ts';
import { deleteTicket } from './delete-ticket.ts';
import { editMessage } from './edit-message.ts';
import { generateTasks } from './generate-tasks.ts';
import { getConversation } from './get-conversation.ts';
import { getPlan } from './get-plan.ts';
import { getProject } from './get-project.ts';
import { getRun } from './get-run.ts';
import { getTicket } from './get-ticket.ts';
import { improvePrompt } from './improve-prompt.ts';
import { listConversations } from './list-conversations.ts';
import { listModels } from './list-models.ts';
import { listPlans } from './list-plans.ts';
import { listProjects } from './list-projects.ts';
import { listPrompts } from './list-prompts.ts';
import { listTickets } from './list-tickets.ts';
import { mergeBranch } from './merge-branch.ts';
import { readFiles } from './read-files.ts';
import { removeProject } from './remove-project.ts';
import { renderPrompt } from './render-prompt.ts';
import { revisePlan } from './revise-plan.ts';
import { runAgent } from './run-agent.ts';
import { savePrompt } from './save-prompt.ts';
import { searchFiles } from './search-files.ts';
import { sendMessage } from './send-message.ts';
import { suggestFiles } from './suggest-files.ts';
import { suggestPrompts } from './suggest-prompts.ts';
import { summarizeFiles } from './summarize-files.ts';
import type { Tool } from './tool.ts';
import { updateBranch } from './update-branch.ts';
import { updateConversation } from './update-conversation.ts';
import { updateTicket } from './update-ticket.ts';

const chatTools: readonly Tool[] = [
  sendMessage,
  ...[createConversation, listConversations, getConversation, updateConversation, deleteConversation],
  ...[createBranch, updateBranch, deleteBranch, mergeBranch, compareBranches],
  ...[editMessage, deleteMessage, clearContext],
];

/** Every tool, in the order in which clients list them. */
export const tools: readonly Tool[] = [
  ...[searchFiles, suggestFiles, readFiles, summarizeFiles, buildContext, getProject],
  ...[createPlan, revisePlan, getPlan, listPlans],
  ...[createTicket, updateTicket, getTicket, listTickets, claimTicket, deleteTicket, generateTasks],
  ...[listPrompts, savePrompt, renderPrompt, deletePrompt, suggestPrompts, improvePrompt],
  ...chatTools,
  ...[runAgent, getRun, askModels, listModels],
  ...[addProject, listProjects, removeProject],
];

/**
 * What is offered by default: what most work needs of each group, for what a client may be asked to pay. Adding projects
 * widens what clients can read, so it is the operator's choice.
 */
export const defaultTools: ReadonlySet<Tool> = new Set([
  ...[searchFiles, suggestFiles, readFiles, summarizeFiles, buildContext, getProject],
  ...[createPlan, revisePlan, getPlan],
  ...[createTicket, updateTicket, getTicket, listTickets],
  ...[listPrompts, renderPrompt],
  ...[sendMessage, listConversations, getConversation],
  ...[runAgent, getRun],
]);
