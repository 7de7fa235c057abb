"""Small things for furnished rooms: what lies on which furniture and in which container (ours)."""

from __future__ import annotations

from talkoot.worlds.household.making.building import Room

_ON = {
    "kitchen": {
        "kitchencounter": "sink coffeemaker toaster knifeblock cuttingboard dishwashingliquid washingsponge faucet "
        "dishbowl dishbowl plate plate mug cutleryknife cutleryknife breadslice bellpepper carrot cereal mug wineglass",
        "stove": "cookingpot fryingpan",
        "kitchentable": "bananas dishbowl milk condimentshaker condimentshaker condimentbottle chips apple",
        "bookshelf": "book book candle vase box folder photoframe",
        "tvstand": "radio magazine candle plate",
        "chair": "clothespile",
    },
    "livingroom": {
        "coffeetable": "book mug remotecontrol magazine peach plum bananas candle cellphone",
        "desk": "computer cpuscreen keyboard mousemat mouse tablelamp notes waterglass folder",
        "tvstand": "tv photoframe remotecontrol radio crackers",
        "bookshelf": "book book book book photoframe vase candle orchid folder box toy",
        "sofa": "pillow pillow pillow",
        "cabinet": "photoframe vase book",
        "bench": "magazine clothespile",
        "nightstand": "tablelamp",
        "speaker": "cellphone",
    },
    "bedroom": {
        "bed": "pillow pillow clothespile",
        "desk": "cpuscreen computer keyboard mousemat mouse perfume paper orchid",
        "nightstand": "tablelamp book painkillers",
        "cabinet": "photoframe box perfume",
        "coffeetable": "magazine candybar book toy",
        "bookshelf": "book book folder folder radio guitar box sportsball",
        "chair": "clothespile",
        "bench": "pillow",
    },
    "bathroom": {
        "bathroomcounter": "sink faucet toothbrush toothbrush toothpaste barsoap deodorant facecream facecream "
        "hairproduct hairproduct hairproduct towelrolled towelrolled waterglass perfume candle",
        "washingmachine": "towelrolled clothespile",
        "towelrack": "towel",
        "bathtub": "hairproduct barsoap",
        "chair": "towelrolled",
    },
}
_INSIDE = {
    "fridge": "milk milk bellpepper lime bottlewater whippedcream carrot",
    "kitchencabinet": "dishbowl mug cereal crackers chips condimentbottle chocolatesyrup",
    "cabinet": "folder notes candle",
    "closet": "clothesshirt clothesshirt clothespants clothespants hanger hanger clothespile",
    "bathroomcabinet": "painkillers deodorant toothpaste",
    "washingmachine": "clothespile towelrolled",
    "stove": "fryingpan",
}


_ON_FLOOR = {"bedroom": "slippers slippers", "livingroom": "sportsball", "bathroom": "toiletpaper slippers"}


def clutter(room: Room) -> None:
    """Lay most of what usually lies there on and into the furniture of a room."""
    building, rng = room.building, room.rng
    furniture = [building.nodes[number] for number in room.stands]
    for name, things in _ON[room.node.name].items():
        surfaces = [node for node in furniture if node.name == name]
        for number, thing in enumerate(things.split()):
            if surfaces and rng.random() < 0.85:
                room.lay_on(surfaces[number % len(surfaces)], thing)
    for name, things in _INSIDE.items():
        for container in [node for node in furniture if node.name == name]:
            count = rng.randint(0, 2) if name == "kitchencabinet" else rng.randint(1, len(things.split()))
            for thing in rng.sample(things.split(), count):
                room.lay_inside(container, thing)
    for name in _ON_FLOOR.get(room.node.name, "").split():
        room.along_wall(name)
