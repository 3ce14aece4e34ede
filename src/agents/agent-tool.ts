import type { ToolOffer } from '../providers/provider.ts';

/** What an agent can call. It reads, and changes nothing. */
export interface AgentTool {
  offer: ToolOffer;
  /**
   * @param args what the model wrote, as far as it was a JSON object
   * @throws UserError for what the model can mend
   */
  run(args: Record<string, unknown>, signal: AbortSignal): Promise<AgentToolResult>;
}

export interface AgentToolResult {
  text: string;
  data: Record<string, unknown>;
}
