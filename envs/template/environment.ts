/**
 * `my-environment`: pay an amount exactly, with as few coins as possible.
 *
 * @module
 */
import { keyedRandom } from "whetstone/data/keyed_random.ts";
import type { Environment } from "whetstone/envs/contract.ts";
import { ActionError, defineEnvironment, type TaskDefinition } from "whetstone/envs/define_environment.ts";

type Payment = { coins: number[]; amount: number };

/** The fewest coins that make the amount, which the largest coin first does not always find. There is a coin of 1. */
function fewestCoins({ coins, amount }: Payment): number[] {
  const best: number[][] = [[]];
  for (let sum = 1; sum <= amount; sum++) {
    const ways = coins.filter((coin) => coin <= sum).map((coin) => [...best[sum - coin] ?? [], coin]);
    best.push(ways.sort((one, other) => one.length - other.length)[0] ?? []);
  }
  return best[amount] ?? [];
}

/** Three amounts (variants) for each set of coins (a scenario). */
function tasks(seed: number, sets: number[][]): TaskDefinition<Payment>[] {
  return sets.flatMap((coins) => {
    const scenario = `coins-${coins.join("-")}`;
    const random = keyedRandom(seed, "my-environment", scenario);
    return random.sample([23, 28, 31, 36, 41, 45, 49], 3).map((amount, index) => ({
      id: `${scenario}_${index + 1}`,
      scenario,
      variant: index + 1,
      instruction: `Coins: ${
        coins.join(", ")
      }. Pay exactly ${amount} with as few coins as possible, one a turn: pay COIN. End: done`,
      data: { coins, amount },
    }));
  });
}

/** Makes the environment. */
export function createEnvironment({ seed = 1 }: { seed?: number } = {}): Environment {
  return defineEnvironment<Payment>({
    id: "my-environment",
    version: "1",
    splits: {
      train: tasks(seed, [[1, 5, 12], [1, 7, 10], [1, 8, 20]]),
      test: tasks(seed, [[1, 9, 14], [1, 6, 15, 22]]),
    },
    play({ data }) {
      const paid: number[] = [];
      const sum = () => paid.reduce((total, coin) => total + coin, 0);
      return {
        step(action) {
          if (action.trim() === "done") return { observation: "", done: true };
          const coin = Number(/^pay (\d+)$/.exec(action.trim())?.[1]);
          // The agent sees the message of an ActionError and goes on; any other error is a fault of the environment.
          if (!data.coins.includes(coin)) throw new ActionError("There is no such action: pay COIN, or done");
          paid.push(coin);
          return { observation: `Paid ${sum()} of ${data.amount}.` };
        },
        evaluate() {
          const exact = sum() === data.amount;
          const fewest = exact && paid.length === fewestCoins(data).length;
          return [{ requirement: "exact", passed: exact }, { requirement: "fewest coins", passed: fewest }];
        },
        solution: () => [...fewestCoins(data).map((coin) => `pay ${coin}`), "done"],
      };
    },
  });
}
