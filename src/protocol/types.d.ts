export interface LiveConfig { readonly [field: string]: unknown }
export interface RealtimeInput { readonly [field: string]: unknown }
export interface ClientContent { readonly [field: string]: unknown }
export interface ToolResponse { readonly [field: string]: unknown }
export interface ContextUpdate { readonly [field: string]: unknown }
export type LiveServerEvent = { readonly type: "setupComplete" };
