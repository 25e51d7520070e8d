import type { Schemas } from "../../api/client";
import { NOTHING } from "../../format/numbers";

const told = (value: unknown): string => (value === null ? NOTHING : typeof value === "string" ? value : JSON.stringify(value));

/** Each key that differs: what holds now, and what the file says; defaults stand where nothing was written. */
export function ChangeTable({ changes }: { readonly changes: readonly Schemas["ConfigurationChange"][] }) {
  return (
    <div className="table-wrap changes" tabIndex={0} role="region" aria-label="What differs">
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Running</th>
            <th scope="col">File</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ path, running, written }) => (
            <tr key={path}>
              <td className="mono" data-wrap>{path}</td>
              <td className="mono" data-wrap>{told(running)}</td>
              <td className="mono" data-wrap><strong>{told(written)}</strong></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
