import { agentToolNames } from '../agents/agent-file.ts';
import type { AgentTool } from '../agents/agent-tool.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import type { Project, Projects } from '../projects/registry.ts';
import { checkInput, toJsonSchema } from './check-input.ts';
import type { Call, Tool } from './tool.ts';

/** The tools that agents can be given, each bound to one project and to the services of a call. */
export type BindAgentTools = (project: Project, services: Omit<Call, 'job' | 'agentTools'>) => Promise<AgentTool[]>;

/** Of tools those alone that read, by the list of the agents: whatever an agent's file says, it gets no other. */
export function createAgentTools(load: (name: (typeof agentToolNames)[number]) => Promise<Tool>): BindAgentTools {
  let offered: ReturnType<typeof loadOffers> | undefined;

  return async (project, services) => {
    offered ??= loadOffers(load);
    const own = { ...services, projects: onlyOne(project, services.projects) };
    return (await offered).map(({ tool, offer }) => ({
      offer,
      run: (args, signal) => {
        const input = checkInput(tool, { ...args, ...settledFor(tool, project) });
        const job = { signal, budgetMs: deadlinesMs.tool };
        return tool.run(input, { ...own, job, agentTools: async () => [] });
      },
    }));
  };
}

async function loadOffers(load: (name: (typeof agentToolNames)[number]) => Promise<Tool>) {
  const tools = await Promise.all(agentToolNames.map(load));
  const reading = tools.filter(({ effect }) => effect === 'read' || effect === 'ask');
  return reading.map((tool) => ({ tool, offer: toOffer(tool) }));
}

/** What an agent does not choose: where it reads, and that no other model is asked beside its own budget. */
function settledFor({ input }: Tool, project: Project): Record<string, string> {
  return { ...('project' in input.shape && { project: project.id }), ...('model' in input.shape && { model: 'none' }) };
}

function toOffer(tool: Tool): AgentTool['offer'] {
  const { properties, ...rest } = toJsonSchema(tool.input, 'input');
  const { project: _, model: __, ...others } = properties;
  return { name: tool.name, description: tool.description, parameters: { ...rest, properties: others } };
}

/** What an agent reads, it sends to a provider: it sees the project that it was started for, and no other. */
function onlyOne(project: Project, projects: Projects): Projects {
  const check = (reference: string | undefined) => {
    if (reference === undefined || reference === project.id || reference === project.folder) return;
    throw new UserError('denied', `An agent of the project "${project.id}" sees no other.`);
  };
  return {
    ...projects,
    list: async () => [project],
    listKept: async () => [await projects.findKept(project.folder)],
    async find(reference) {
      check(reference);
      return project;
    },
    async findKept(reference) {
      check(reference);
      return projects.findKept(project.folder);
    },
  };
}
