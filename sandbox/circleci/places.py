"""People, organizations and projects, and what belongs to them, as API v2 answers for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.circleci.answers import RefusedError, listing, page, required
from sandbox.circleci.builds import the_project
from sandbox.circleci.operations import Operations
from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.circleci.model import Organization, Project, Row
    from sandbox.circleci.world import World
    from sandbox.messages import Request

operations = Operations()


@operations.get("/me")
def me(world: World, _: Request) -> Response:
    """Tell the token's user."""
    return Response(200, world.me)


@operations.get("/me/collaborations")
def collaborations(world: World, _: Request) -> Response:
    """List the organizations of the token's user: a bare list."""
    rows = [
        {
            "id": None if organization.hides_id else organization.id,
            "vcs-type": organization.vcs_type,
            "name": organization.name,
            "avatar_url": f"https://pictures.example/{organization.name}.png",
            "slug": organization.slug,
        }
        for organization in world.organizations
        if organization.is_member
    ]
    return Response(200, rows)


@operations.get("/user/{identity}")
def user(world: World, _: Request, identity: str) -> Response:
    """Tell a user."""
    if identity not in world.users:
        raise RefusedError(404, "User not found")
    return Response(200, world.users[identity])


def the_organization(world: World, name: str) -> Organization:
    """Find an organization by its slug or id.

    Raises:
        RefusedError: 404.
    """
    organization = world.organization(name)
    if organization is None:
        raise RefusedError(404, "Organization not found")
    return organization


def by_id(world: World, identity: str) -> Organization:
    """Find an organization by its id: slugs are not taken everywhere.

    Raises:
        RefusedError: 404.
    """
    organization = the_organization(world, identity)
    if organization.id != identity:
        raise RefusedError(404, "Organization not found")
    return organization


@operations.get("/organization/{name*}/url-orb-allow-list", "page-token")
def url_orb_allow_list(world: World, request: Request, name: str) -> Response:
    """List the URLs from which orbs may be loaded."""
    return page(request, the_organization(world, name).lists["url-orb-allow-list"])


@operations.get("/organization/{name*}")
def organization(world: World, _: Request, name: str) -> Response:
    """Tell an organization."""
    found = the_organization(world, name)
    row = {"id": found.id, "name": found.name, "slug": found.slug, "vcs_type": found.vcs_type}
    return Response(200, row)


@operations.get("/organizations/{identity}/groups", "limit", "page-token")
def groups(world: World, request: Request, identity: str) -> Response:
    """List the groups of an organization."""
    return page(request, by_id(world, identity).lists["groups"])


@operations.get("/context", "owner-id", "owner-slug", "owner-type", "page-token")
def contexts(world: World, request: Request) -> Response:
    """List the contexts of an organization."""
    name = request.first("owner-id") or required(request, "owner-slug")
    return page(request, the_organization(world, name).lists["contexts"])


def _below(world: World, kind: str, identity: str, of: str) -> list[Row]:
    """Find a list of what an organization has by id."""
    for found in world.organizations:
        if any(row["id"] == identity for row in found.lists[of]):
            return found.lists.get(f"{kind} of {identity}", [])
    raise RefusedError(404, f"Not found in {of}")


@operations.get("/context/{identity}/environment-variable", "page-token")
def context_variables(world: World, request: Request, identity: str) -> Response:
    """List the variables of a context."""
    return page(request, _below(world, "variables", identity, "contexts"))


@operations.get("/context/{identity}/restrictions", "page-token")
def context_restrictions(world: World, request: Request, identity: str) -> Response:
    """List the restrictions of a context."""
    return page(request, _below(world, "restrictions", identity, "contexts"))


def _sized(request: Request) -> int:
    size = required(request, "page-size")
    if not size.isdigit() or not 0 < int(size) <= 100:
        raise RefusedError(400, "Invalid page-size")
    return int(size)


@operations.get("/deploy/environments", "org-id", "page-size", "page-token")
def environments(world: World, request: Request) -> Response:
    """List the environments of an organization."""
    found = by_id(world, required(request, "org-id"))
    return page(request, found.lists["environments"], _sized(request))


@operations.get("/deploy/components", "org-id", "project-id", "page-size", "page-token")
def components(world: World, request: Request) -> Response:
    """List the components of an organization."""
    found = by_id(world, required(request, "org-id"))
    return page(request, found.lists["components"], _sized(request))


@operations.get("/deploy/components/{identity}/versions", "environment-id", "page-token")
def versions(world: World, request: Request, identity: str) -> Response:
    """List the versions of a component."""
    return page(request, _below(world, "versions", identity, "components"))


def _list(pattern: str, kind: str) -> None:
    @operations.get(pattern, "page-token")
    def answer(world: World, request: Request, slug: str) -> Response:
        return page(request, the_project(world, slug).lists[kind])


for _kind in ("envvar", "checkout-key", "schedule"):
    _list(f"/project/{{slug*}}/{_kind}", _kind)


@operations.get("/project/{provider}/{org}/{name}/settings")
def settings(world: World, _: Request, provider: str, org: str, name: str) -> Response:
    """Tell the settings of a project; here its slug stands in three segments."""
    return Response(200, the_project(world, f"{provider}/{org}/{name}").settings)


@operations.get("/project/{slug*}")
def project(world: World, _: Request, slug: str) -> Response:
    """Tell a project."""
    return Response(200, the_project(world, slug).row)


@operations.get("/webhook", "scope-id", "scope-type", "page-token")
def webhooks(world: World, request: Request) -> Response:
    """List the webhooks of a project."""
    if required(request, "scope-type") != "project":
        raise RefusedError(400, "Invalid scope-type")
    return page(request, _by_id(world, required(request, "scope-id")).lists["webhook"])


def _by_id(world: World, identity: str) -> Project:
    for found in world.projects:
        if found.id == identity:
            return found
    raise RefusedError(404, "Project not found")


@operations.get("/projects/{identity}/pipeline-definitions")
def definitions(world: World, _: Request, identity: str) -> Response:
    """List the pipeline definitions of a project, all at once."""
    return listing(_by_id(world, identity).lists["definitions"])


@operations.get("/projects/{identity}/pipeline-definitions/{definition}/triggers")
def triggers(world: World, _: Request, identity: str, definition: str) -> Response:
    """List the triggers of a pipeline definition, all at once."""
    return listing(_by_id(world, identity).lists.get(f"triggers of {definition}", []))
