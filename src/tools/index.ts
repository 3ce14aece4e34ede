import type { Tool } from './tool.ts';

/**
 * Every tool, in the order in which clients list them. Each is loaded when it is first called: to make the schemas of all
 * takes longer than other calls should wait, and most servers are asked for few of them.
 */
const loaders = {
  search_files: async () => (await import('./search-files.ts')).searchFiles,
  suggest_files: async () => (await import('./suggest-files.ts')).suggestFiles,
  read_files: async () => (await import('./read-files.ts')).readFiles,
  summarize_files: async () => (await import('./summarize-files.ts')).summarizeFiles,
  build_context: async () => (await import('./build-context.ts')).buildContext,
  get_project: async () => (await import('./get-project.ts')).getProject,
  create_plan: async () => (await import('./create-plan.ts')).createPlan,
  revise_plan: async () => (await import('./revise-plan.ts')).revisePlan,
  get_plan: async () => (await import('./get-plan.ts')).getPlan,
  list_plans: async () => (await import('./list-plans.ts')).listPlans,
  create_ticket: async () => (await import('./create-ticket.ts')).createTicket,
  update_ticket: async () => (await import('./update-ticket.ts')).updateTicket,
  get_ticket: async () => (await import('./get-ticket.ts')).getTicket,
  list_tickets: async () => (await import('./list-tickets.ts')).listTickets,
  claim_ticket: async () => (await import('./claim-ticket.ts')).claimTicket,
  delete_ticket: async () => (await import('./delete-ticket.ts')).deleteTicket,
  generate_tasks: async () => (await import('./generate-tasks.ts')).generateTasks,
  list_prompts: async () => (await import('./list-prompts.ts')).listPrompts,
  save_prompt: async () => (await import('./save-prompt.ts')).savePrompt,
  render_prompt: async () => (await import('./render-prompt.ts')).renderPrompt,
  delete_prompt: async () => (await import('./delete-prompt.ts')).deletePrompt,
  suggest_prompts: async () => (await import('./suggest-prompts.ts')).suggestPrompts,
  improve_prompt: async () => (await import('./improve-prompt.ts')).improvePrompt,
  send_message: async () => (await import('./send-message.ts')).sendMessage,
  create_conversation: async () => (await import('./create-conversation.ts')).createConversation,
  list_conversations: async () => (await import('./list-conversations.ts')).listConversations,
  get_conversation: async () => (await import('./get-conversation.ts')).getConversation,
  update_conversation: async () => (await import('./update-conversation.ts')).updateConversation,
  delete_conversation: async () => (await import('./delete-conversation.ts')).deleteConversation,
  create_branch: async () => (await import('./create-branch.ts')).createBranch,
  update_branch: async () => (await import('./update-branch.ts')).updateBranch,
  delete_branch: async () => (await import('./delete-branch.ts')).deleteBranch,
  merge_branch: async () => (await import('./merge-branch.ts')).mergeBranch,
  compare_branches: async () => (await import('./compare-branches.ts')).compareBranches,
  edit_message: async () => (await import('./edit-message.ts')).editMessage,
  delete_message: async () => (await import('./delete-message.ts')).deleteMessage,
  clear_context: async () => (await import('./clear-context.ts')).clearContext,
  run_agent: async () => (await import('./run-agent.ts')).runAgent,
  get_run: async () => (await import('./get-run.ts')).getRun,
  ask_models: async () => (await import('./ask-models.ts')).askModels,
  list_models: async () => (await import('./list-models.ts')).listModels,
  add_project: async () => (await import('./add-project.ts')).addProject,
  list_projects: async () => (await import('./list-projects.ts')).listProjects,
  remove_project: async () => (await import('./remove-project.ts')).removeProject,
} satisfies Record<string, () => Promise<Tool>>;

export type ToolName = keyof typeof loaders;

/**
 * What is offered by default: what most work needs of each group, for what a client may be asked to pay. Adding projects
 * widens what clients can read, so it is the operator's choice.
 */
const byDefault: ReadonlySet<string> = new Set<ToolName>([
  ...(['search_files', 'suggest_files', 'read_files', 'summarize_files', 'build_context', 'get_project'] as const),
  ...(['create_plan', 'revise_plan', 'get_plan'] as const),
  ...(['create_ticket', 'update_ticket', 'get_ticket', 'list_tickets'] as const),
  ...(['list_prompts', 'render_prompt'] as const),
  ...(['send_message', 'list_conversations', 'get_conversation'] as const),
  ...(['run_agent', 'get_run'] as const),
]);

export function isDefault(name: string): boolean {
  return byDefault.has(name);
}

export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(loaders, name);
}

export function loadTool(name: ToolName): Promise<Tool> {
  return loaders[name]();
}

export function loadTools(): Promise<Tool[]> {
  return Promise.all(Object.values(loaders).map((load): Promise<Tool> => load()));
}
