import { addProject } from './add-project.ts';
import { askModels } from './ask-models.ts';
import { claimTicket } from './claim-ticket.ts';
import { createPlan } from './create-plan.ts';
import { createTicket } from './create-ticket.ts';
import { deleteTicket } from './delete-ticket.ts';
import { generateTasks } from './generate-tasks.ts';
import { getPlan } from './get-plan.ts';
import { getProject } from './get-project.ts';
import { getRun } from './get-run.ts';
import { getTicket } from './get-ticket.ts';
import { listModels } from './list-models.ts';
import { listPlans } from './list-plans.ts';
import { listProjects } from './list-projects.ts';
import { listTickets } from './list-tickets.ts';
import { readFiles } from './read-files.ts';
import { removeProject } from './remove-project.ts';
import { revisePlan } from './revise-plan.ts';
import { runAgent } from './run-agent.ts';
import { searchFiles } from './search-files.ts';
import { suggestFiles } from './suggest-files.ts';
import { summarizeFiles } from './summarize-files.ts';
import type { Tool } from './tool.ts';
import { updateTicket } from './update-ticket.ts';

/** Every tool, in the order in which clients list them. */
export const tools: readonly Tool[] = [
  ...[searchFiles, suggestFiles, readFiles, summarizeFiles, getProject],
  ...[createPlan, revisePlan, getPlan, listPlans],
  ...[createTicket, updateTicket, getTicket, listTickets, claimTicket, deleteTicket, generateTasks],
  ...[runAgent, getRun, askModels, listModels],
  ...[addProject, listProjects, removeProject],
];
