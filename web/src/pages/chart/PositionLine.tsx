import type { Schemas } from "../../api/client";
import { exact, fixed, signed, signedPercent, tone } from "../../format/numbers";

interface Props {
  readonly position: Schemas["Position"];
  readonly last: number | undefined;
  readonly places: number;
}

/** What is held, and how far its exits are from the last price, in sight or not. */
export function PositionLine({ position, last, places }: Props) {
  const { quantity, entry_price, unrealized_pnl, stop_price, target_price } = position;
  const levels = [
    ["stop", stop_price],
    ["target", target_price],
  ] as const;
  return (
    <span className="held">
      <span className={tone(quantity)}>{quantity < 0 ? "short" : "long"}</span> {exact(Math.abs(quantity))} at {fixed(entry_price, places)}{" "}
      <span className={tone(unrealized_pnl, 2)}>{signed(unrealized_pnl)}</span>
      {levels.map(([name, price]) =>
        price == null ? null : (
          <span key={name}>
            <i>{name}</i>
            {fixed(price, places)} {last !== undefined && `(${signedPercent(price / last - 1)})`}
          </span>
        ),
      )}
    </span>
  );
}
