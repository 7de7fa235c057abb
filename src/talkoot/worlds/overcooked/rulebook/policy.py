"""What to do next, by rules, from the facts that a prompt carries. One policy for all kitchens; it knows no layout.

The idea: a soup needs ingredients in a pot, a dish in time, and somebody to carry it out. Whoever has a free hand
estimates for itself and for the mate how long each of these would take, grants the mate what it is doing (its hand, its
words, its habits), and takes what shortens the next soup most.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from talkoot.worlds.overcooked.rulebook.reading import FAR, Facts, PotFacts

POT, SERVING = "Pot", "Serving Place"
DISPENSER = {"onion": "Onion Dispenser", "tomato": "Tomato Dispenser", "dish": "Dish Dispenser"}
_HEEDED = 12  # scenes for which an announcement counts
_IDLE_AFTER = 30  # scenes without any deed after which a mate is taken to do nothing


@dataclass(frozen=True)
class Choice:
    """A skill, the sentence that explains it, and what the mate is expected to do."""

    skill: str
    why: str
    intention: str


def choose(facts: Facts) -> Choice:
    """The best skill that was not rejected in this scene."""
    kitchen = Situation(facts)
    intention = kitchen.expect()
    rejected = {skill for skill, _ in facts.rejected}
    for skill, why in kitchen.options():
        name = skill.split("(")[0]
        if name not in rejected and (not facts.skills or name in facts.skills):
            return Choice(skill, why, intention)
    return Choice("wait(2)" if len(facts.rejected) < 3 else "wait(1)", "Nothing better can be done now.", intention)


class Situation:
    """The facts of one scene with the estimates that the rules compare."""

    def __init__(self, facts: Facts) -> None:
        self.f = facts = _worthwhile(facts)
        self.me, self.mate = facts.me, facts.mate
        self.hand = facts.held.get(facts.me, "")
        self.mate_hand = facts.held.get(facts.mate, "") if facts.mate is not None else ""
        mine, theirs = ({name for name in facts.pots if name in facts.steps.get(player, {})}
                        for player in (facts.me, facts.mate if facts.mate is not None else -1))  # fmt: skip
        # Pots beyond my reach are the mate's business, unless I reach none at all and can only supply them.
        self.pots = {name: pot for name, pot in facts.pots.items() if name in mine or not mine}
        self.missing = {name: self._missing(pot) for name, pot in self.pots.items()}
        self.soups = sorted(pot.left for pot in self.pots.values() if pot.left is not None)
        apart = bool(mine and theirs and not mine & theirs)
        self.idle_mate = self.mate is None or apart or self._mate_is_idle()

    # --- estimates

    def _missing(self, pot: PotFacts) -> dict[str, int]:
        """What the pot still lacks for the order that pays best for the work; nothing if it is on the fire or done."""
        if pot.left is not None:
            return {}
        best: tuple[float, dict[str, int]] = (-1.0, {})
        for onions, tomatoes, value, time in self.f.orders or [(3, 0, 20, 20)]:
            lacking = {"onion": onions - pot.onions, "tomato": tomatoes - pot.tomatoes}
            if min(lacking.values()) < 0 or any(
                n and self.fetch(self.me, item) >= FAR and self.fetch(self.mate, item) >= FAR
                for item, n in lacking.items()
            ):
                continue
            worth = value / (6.0 * (onions + tomatoes) + 0.4 * time + 12)
            if worth > best[0]:
                best = (worth, {item: n for item, n in lacking.items() if n})
        return best[1]

    def near(self, player: int | None, kind: str) -> int:
        """Steps from a player to its nearest fixture of a kind; FAR if there is none, or no such player."""
        return FAR if player is None else self.f.near(player, kind)

    def fetch(self, player: int | None, item: str) -> int:
        """Steps until the player has the item in hand: from a dispenser, or from a counter if it has use for it."""
        if player is None:
            return FAR
        table = self.f.steps.get(player, {})
        loose = [table.get(counter, FAR) for what, counter in self.f.loose if what == item]
        if not self.uses(player, item):
            loose = []
        return min([self.f.near(player, DISPENSER[item]), *loose]) + 1

    def uses(self, player: int | None, item: str) -> bool:
        """Whether the player reaches a place where the item is of use."""
        return self.near(player, SERVING if item == "soup" else POT) < FAR

    def _bring(self, player: int | None, item: str) -> int:
        """Steps until the player, hand empty, has fetched the item and stands before a pot with it."""
        if player is None:
            return FAR
        table = self.f.steps.get(player, {})
        ways = [n + 1 + self.f.walk(name, POT) for name, n in table.items() if name.startswith(DISPENSER[item])]
        ways += [
            table.get(counter, FAR) + 1 + max(1, self.near(player, POT) - table.get(counter, FAR))
            for what, counter in self.f.loose
            if what == item
        ]
        return min(ways, default=FAR) + 1

    def _free_in(self, player: int | None, hand: str) -> int:
        """Steps until the player's hand is free again."""
        if hand == "soup":
            return self.near(player, SERVING) + 1
        if hand == "dish":
            wait = max(self.soups[0] if self.soups else 10, self.near(player, POT))
            return wait + 2 + self.f.walk(POT, SERVING)
        if hand and not any(self.missing.values()):
            return self.near(player, POT) + 10  # no pot takes it; whoever carries it rather waits than drops it
        return self.near(player, POT) + 1 if hand else 0

    def _back_with(self, player: int | None, hand: str, item: str) -> int:
        """Steps until the player stands before a pot with the item, whatever it does first."""
        if not hand:
            return self._bring(player, item)
        return self._free_in(player, hand) + 2 * min(self.f.walk(DISPENSER[item], POT), 12) + 2

    def _mate_is_idle(self) -> bool:
        """No deed of the mate for long, as far back as the prompt tells."""
        told = self.f.last_seen if self.f.last_seen >= 0 else min((t for t, _ in self.f.history), default=self.f.t)
        return self.f.t - told > _IDLE_AFTER

    def _announced(self) -> str:
        """The skill that the mate said it would use, if its last words were recent and name one."""
        for line in reversed(self.f.messages):
            said = re.match(r"scene (\d+), ", line)
            if said and self.f.t - int(said[1]) > _HEEDED:
                continue
            for item in ("onion", "tomato", "dish"):
                if f"pickup_{item}" in line or f"fetch the {item}" in line:
                    return f"pickup_{item}()"
        return ""

    # --- what is needed

    def ingredients_needed(self) -> dict[str, int]:
        """Ingredients that the open pots lack, less what the mate carries to them and what lies ready on counters."""
        need: Counter[str] = Counter()
        for lacking in self.missing.values():
            need.update(lacking)
        if self.mate_hand in ("onion", "tomato") and not self.idle_mate:
            need[self.mate_hand] -= 1
        return {item: n for item, n in need.items() if n > 0}

    def soups_coming(self) -> list[int]:
        """Steps until each soup is ready: those on the fire, and those that only lack what is being carried."""
        coming = list(self.soups)
        hands = ((self.me, self.hand), (self.mate, "" if self.idle_mate else self.mate_hand))
        carried = Counter(hand for player, hand in hands if hand in ("onion", "tomato") and self.uses(player, hand))
        cook = min((time for *_, time in self.f.orders), default=20)
        for name in self.pots:
            lacking, pot = self.missing[name], self.pots[name]
            if pot.left is None and pot.items and all(carried[item] >= n for item, n in lacking.items()):
                carried.subtract(lacking)
                coming.append(cook + 3)
        return sorted(coming)

    def dishes_there(self) -> int:
        """How many dishes the mate is bringing: one or none."""
        return int(self.mate_hand == "dish" and not self.idle_mate)

    # --- the mate

    def expect(self) -> str:
        """The skill that the mate is expected to complete next."""
        if self.mate is None:
            return ""
        hand = self.mate_hand
        if hand == "soup":
            return "deliver_soup()" if self.uses(self.mate, "soup") else "place_obj_on_counter()"
        if hand == "dish":
            return "fill_dish_with_soup()" if self.uses(self.mate, "dish") else "place_obj_on_counter()"
        if hand:
            return f"put_{hand}_in_pot()" if self.uses(self.mate, hand) else "place_obj_on_counter()"
        said = self._announced()
        if said:
            return said
        theirs = self.roles()[1]
        if self._last_deed().startswith(("put_", "place_")):
            # People who fill pots go on filling until only what I carry is lacking; then they fetch the dish.
            open_places = sum(sum(lacking.values()) for lacking in self.missing.values())
            left = open_places - (self.hand in ("onion", "tomato") and self.uses(self.me, self.hand))
            if left >= 2 and open_places:
                theirs = theirs if theirs in ("onion", "tomato") else self._staple()
            elif left <= 0 and len(self.soups_coming()) > (self.hand == "dish"):
                theirs = "dish"
        return f"pickup_{theirs}()" if theirs else f"pickup_{self._staple()}()"

    def _last_deed(self) -> str:
        """What the mate did last, as far as the prompt tells: from its settled intentions, else from the history."""
        settled = [skill for skill, verdict in self.f.intended if verdict != "open"]
        if settled:
            return settled[-1]
        seen = [deed.split(" did ")[-1] for _, deed in self.f.history if deed.startswith("<Player")]
        return seen[-1] if seen else ""

    def roles(self) -> tuple[str, str]:
        """What I and the mate should fetch next, once a hand is free: the cheapest pairing."""
        need = self.ingredients_needed()
        busy = bool(self.pots) and all(pot.left is not None for pot in self.pots.values())
        item = max(need, key=lambda name: need[name]) if need else (self._staple() if busy or not self.pots else "")
        coming = self.soups_coming()
        dishes = len(coming) - self.dishes_there()
        if dishes <= 0 or not self._dish_within_reach():
            return item, item
        said = "" if self.mate_hand else self._announced()
        rest = item if said == "pickup_dish()" else "dish"
        if said and item and self.fetch(self.me, rest) < FAR:
            return rest, item if rest == "dish" else "dish"
        left = coming[min(self.dishes_there(), len(coming) - 1)]
        mine, theirs = self._dish_cost(self.me, "", left), self._dish_cost(self.mate, self.mate_hand, left)
        my_item = self._item_cost(self.me, "", item)
        their_item = self._item_cost(self.mate, self.mate_hand, item)
        if self.idle_mate or self.near(self.mate, DISPENSER["dish"]) >= FAR:
            theirs += FAR
        if not item:
            return ("dish", "") if mine <= theirs else ("", "dish")
        habit = self._habit()
        me_dish, mate_dish = mine + their_item - habit, theirs + my_item + habit
        if abs(me_dish - mate_dish) < 0.5:
            return ("dish", item) if self.me < (self.mate if self.mate is not None else 9) else (item, "dish")
        return ("dish", item) if me_dish < mate_dish else (item, "dish")

    def _dish_within_reach(self) -> bool:
        return self.fetch(self.me, "dish") < FAR or self.fetch(self.mate, "dish") < FAR

    def _dish_cost(self, player: int | None, hand: str, left: int) -> float:
        """How late the dish would come, and half of the way that follows."""
        brought = self._back_with(player, hand, "dish")
        late = max(0, brought - left)
        return 1.5 * late + 0.3 * brought + 0.5 * min(self._serve(player), 20)

    def _serve(self, player: int | None) -> int:
        """Steps from a pot to the nearest serving place that the player reaches."""
        table = self.f.steps.get(player, {}) if player is not None else {}
        ways = [n for (start, end), n in self.f.walks.items() if start.startswith(POT) and end in table]
        return min(ways, default=self.f.walk(POT, SERVING))

    def _item_cost(self, player: int | None, hand: str, item: str) -> float:
        return float(min(self._back_with(player, hand, item), 60)) if item else 0.0

    def _habit(self) -> float:
        """Positive if the mate has lately fetched ingredients rather than dishes: then the dish is more likely mine."""
        seen = [skill for skill, verdict in self.f.intended if verdict != "open"]
        ingredients = sum(skill in ("pickup_onion", "pickup_tomato") for skill in seen)
        dishes = sum(skill == "pickup_dish" for skill in seen)
        return 1.5 * (ingredients > 1 and dishes == 0) - 1.5 * (dishes > 1 and ingredients == 0)

    def _staple(self) -> str:
        """The ingredient that the next soup will want first."""
        orders = self.f.orders or [(3, 0, 20, 20)]
        onions, tomatoes, *_ = max(
            orders, key=lambda order: order[2] / (6 * (order[0] + order[1]) + 0.4 * order[3] + 12)
        )
        return "onion" if onions >= tomatoes else "tomato"

    # --- options, best first

    def options(self) -> list[tuple[str, str]]:
        """Skills worth trying in this scene, best first, each with its reason."""
        if self.hand == "soup":
            return self._with_soup()
        if self.hand == "dish":
            return self._with_dish()
        if self.hand:
            return self._with_ingredient(self.hand)
        return self._free()

    def _with_soup(self) -> list[tuple[str, str]]:
        if self.uses(self.me, "soup"):
            return [("deliver_soup()", "I hold a finished soup; it earns points as soon as it is served."), _DROP]
        return [("place_obj_on_counter()", "I cannot reach a serving place, so I hand the soup over."), ("wait(2)", "")]

    def _with_dish(self) -> list[tuple[str, str]]:
        if not self.uses(self.me, "dish"):
            return [
                ("place_obj_on_counter()", "I cannot reach a pot; the dish goes across the counter."),
                ("wait(2)", ""),
            ]
        coming = self.soups_coming()
        rivals = self.dishes_there()
        if self.soups and (len(self.soups) > rivals or self.near(self.me, POT) <= self.near(self.mate, POT)):
            return [("fill_dish_with_soup()", f"My dish is for the soup that is ready in {self.soups[0]} steps."),
                    ("wait(2)", "")]  # fmt: skip
        if len(coming) > rivals:
            return [("wait(3)", "The soup for my dish is about to be put on the fire."), _DROP]
        if (
            self.pots
            and not self.idle_mate
            and self.mate_hand in ("onion", "tomato")
            and sum(pot.items for pot in self.pots.values()) >= 2
        ):
            return [("wait(3)", "A pot is nearly full; my dish will be wanted soon."), _DROP]
        return [("place_obj_on_counter()", "No soup wants this dish, and the pots want filling."), ("wait(2)", "")]

    def _with_ingredient(self, item: str) -> list[tuple[str, str]]:
        if not self.uses(self.me, item):
            return [("place_obj_on_counter()", f"I cannot reach a pot; the {item} goes across the counter."),
                    ("wait(2)", "")]  # fmt: skip
        need = sum(lacking.get(item, 0) for lacking in self.missing.values())
        theirs = 1 if self.mate_hand == item and not self.idle_mate else 0
        if need > theirs or (need and self.near(self.me, POT) <= self.near(self.mate, POT)):
            if self._passes_faster(item):
                return [("place_obj_on_counter()", f"Across the counter the {item} is at the pot sooner."),
                        (f"put_{item}_in_pot()", "")]  # fmt: skip
            return [(f"put_{item}_in_pot()", f"A pot lacks {need} more; I carry one {item}."), ("wait(2)", "")]
        if need == 0 and any(pot.left is None and pot.items < 3 for pot in self.pots.values()) and not self.f.by_hand:
            return [(f"put_{item}_in_pot()", "A pot takes it."), ("wait(2)", "")]
        coming = self.soups_coming()
        short = len(coming) - self.dishes_there()
        if short > 0 and self._mate_will_not_bring_dish():
            return [("place_obj_on_counter()", "A soup waits for a dish and nobody fetches one; my hand must be free."),
                    ("wait(1)", "")]  # fmt: skip
        if self.f.by_hand and self.to_start() and self.mate_hand:
            return [("place_obj_on_counter()", "A full pot waits for somebody with a free hand."), ("wait(1)", "")]
        return [("wait(4)", f"Every pot is busy; I keep the {item} ready for the next one."), _DROP]

    def _mate_will_not_bring_dish(self) -> bool:
        """The mate is idle, or holds an ingredient just like me and is no better placed to let go of it."""
        if self.idle_mate or self.fetch(self.mate, "dish") >= FAR:
            return True
        if self.mate_hand in ("onion", "tomato") and not any(self.missing.values()):
            mine, theirs = self._bring(self.me, "dish"), self._bring(self.mate, "dish")
            return (mine, self.me) < (theirs, self.mate if self.mate is not None else 9)
        return False

    def _passes_faster(self, item: str) -> bool:
        """A counter between us spares me the way around, the mate stands beyond it, and not too much lies there yet."""
        saved = [sum(ways) for start, ways in self.f.handovers.items() if start.startswith(DISPENSER[item])]
        mine = self.near(self.me, POT)
        at_source = self.near(self.me, DISPENSER[item]) <= 2
        lying = sum(what == item for what, _ in self.f.loose)
        beyond = self.near(self.mate, POT) + 3 < mine
        return bool(saved) and at_source and not self.idle_mate and beyond and min(saved) + 4 <= mine and lying < 2

    def to_start(self) -> bool:
        """Whether a pot holds all that its soup takes and somebody must light its fire."""
        return self.f.by_hand and any(
            pot.left is None and pot.items and not self.missing[name] for name, pot in self.pots.items()
        )

    def _free(self) -> list[tuple[str, str]]:
        if self.to_start() and self.uses(self.me, "dish"):
            return [("start_cooking()", "A pot holds an ordered soup and only wants its fire."), *self._fetching()]
        if self._soup_to_fetch():
            return [("pickup_soup()", "A soup lies on a counter and wants serving."), *self._fetching()]
        return self._fetching()

    def _soup_to_fetch(self) -> bool:
        """A soup lies within my reach, and I can serve it, or hand it over at last."""
        mine, theirs = (
            self.f.steps.get(player, {}) for player in (self.me, self.mate if self.mate is not None else -1)
        )
        lying = [counter for what, counter in self.f.loose if what == "soup" and counter in mine]
        if self.uses(self.me, "soup"):
            return bool(lying)
        return self.f.free_between > 0 and any(counter not in theirs for counter in lying)

    def _fetching(self) -> list[tuple[str, str]]:
        if not self.uses(self.me, "dish"):
            return self._supplying()
        lying = sum(what == "dish" for what, _ in self.f.loose)
        if len(self.soups) > lying and self.fetch(self.me, "dish") >= FAR:
            return [("wait(4)", "A soup is on the fire and its dish must come from my teammate; my hand stays free.")]
        mine, theirs = self.roles()
        need = self.ingredients_needed()
        ranked: list[tuple[str, str]] = []
        if mine == "dish":
            ranked.append(("pickup_dish()", "A soup will want a dish, and I bring it at the least cost."))
        elif mine:
            why = f"The pots still want {sum(need.values())} more" if need else "The pots are busy; I fetch ahead"
            ranked.append(
                (
                    f"pickup_{mine}()",
                    f"{why}, while my teammate sees to {'the dish' if theirs == 'dish' else 'its part'}.",
                )
            )
        for item in (*need, self._staple()):
            if self.fetch(self.me, item) < FAR:
                ranked.append((f"pickup_{item}()", "It will be wanted next."))
        if self.fetch(self.me, ranked[0][0][7:-2] if ranked and ranked[0][0].startswith("pickup_") else "dish") >= FAR:
            ranked = [*ranked[1:], ("wait(3)", "What is wanted comes from my teammate; I wait for it.")]
        ranked.append(("wait(2)", "Nothing is wanted of me now."))
        return ranked

    def _supplying(self) -> list[tuple[str, str]]:
        """I reach no pot: whatever the other side lacks goes across a counter, dishes in time, ingredients ahead."""
        beyond = self.f.steps.get(self.mate, {}) if self.mate is not None else {}
        lying = Counter(what for what, counter in self.f.loose if counter in beyond or not beyond)
        held = self.mate_hand
        # The last free counter between us is for the soup that must come back over it.
        soup_lies = any(what == "soup" for what, _ in self.f.loose)
        soup_comes = bool(self.soups) or soup_lies or held in ("soup", "dish")
        if self.f.free_between <= 1 and soup_comes and not self.uses(self.mate, "soup"):
            lying["onion"] = lying["tomato"] = 9
        dishes = lying["dish"] + (held == "dish")
        coming = len(self.soups_coming())
        own = self.near(self.mate, DISPENSER["dish"]) < FAR
        if self.fetch(self.me, "dish") < FAR and coming > dishes and not own:
            return [
                ("pickup_dish()", "A soup is on its way and the other side has no dish for it."),
                *self._staples(lying),
            ]
        return [*self._staples(lying), ("wait(3)", "The counter holds enough for now.")]

    def _staples(self, lying: Counter[str]) -> list[tuple[str, str]]:
        need: Counter[str] = Counter()
        for lacking in self.missing.values():
            need.update(lacking)
        wanted = [item for item, n in need.items() if lying[item] + (self.mate_hand == item) < min(n, 3)]
        if not wanted and lying[self._staple()] + (self.mate_hand == self._staple()) < 2:
            wanted = [self._staple()]
        # What the other side has itself, it need not be handed.
        wanted = [item for item in wanted if self.near(self.mate, DISPENSER[item]) >= FAR]
        return [
            (f"pickup_{item}()", f"The other side wants {item}s; I hand one over.")
            for item in wanted if self.fetch(self.me, item) < FAR
        ]  # fmt: skip


_DROP = ("place_obj_on_counter()", "My hand must be free for something else.")


def _worthwhile(facts: Facts) -> Facts:
    """The facts without empty pots that nobody can fill, if others have a cook who can bring them ingredients."""

    def fed(pot: str) -> bool:
        return facts.pots[pot].items > 0 or any(
            pot in table and min(facts.near(player, DISPENSER[item]) for item in ("onion", "tomato")) < FAR
            for player, table in facts.steps.items()
        )

    idle = {pot for pot in facts.pots if not fed(pot)}
    if not idle or len(idle) == len(facts.pots):
        return facts
    steps = {
        player: {name: n for name, n in table.items() if name not in idle} for player, table in facts.steps.items()
    }
    return replace(facts, pots={name: pot for name, pot in facts.pots.items() if name not in idle}, steps=steps)
