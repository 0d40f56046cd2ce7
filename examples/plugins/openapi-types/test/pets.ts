// Pets 1.2.0. Made from api.json: change that.

/** An animal that lives with people. */
export type Pet = {
  /**
   * What it listens to,
   * sometimes.
   */
  name: string;
  kind: "cat" | "dog";
  tags?: Array<string | null>;
  owner?: PetOwner & {
    since?: number;
  };
};

export type PetOwner = Record<string, string>;

export interface Operations {
  /** One pet. */
  getPet: {
    method: "GET";
    path: "/pets/{id}";
    parameters: { id: number };
    query: { "with-owner"?: boolean };
    body: undefined;
    answer: Pet;
  };
  "delete /pets/{id}": {
    method: "DELETE";
    path: "/pets/{id}";
    parameters: { id: number };
    query: {};
    body: undefined;
    answer: undefined;
  };
  addPet: {
    method: "POST";
    path: "/pets";
    parameters: {};
    query: {};
    body: Pet;
    answer: undefined;
  };
}

/** Calls an operation of the API at `base`, and throws where the answer is no success. */
export async function call<Name extends keyof Operations>(
  base: string,
  method: Operations[Name]["method"],
  path: Operations[Name]["path"],
  request: Pick<Operations[Name], "parameters" | "query" | "body">,
): Promise<Operations[Name]["answer"]> {
  const values = request.parameters as Record<string, unknown>;
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const url = new URL(base.replace(/\/$/, "") + filled);
  for (const [name, value] of Object.entries(request.query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = body === undefined ? undefined : { "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
  return response.status === 204 ? (undefined as Operations[Name]["answer"]) : response.json();
}
