using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using LipSol.Client;
using LipSol.Silo.Http;
using LipSol.Silo.Tests.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Access;

/// <summary>Every endpoint that the node has, and the least role that may call it. One that is new has to be entered here.</summary>
public sealed partial class RoleTests(NodeFixture fixture)
{
    private const string Nobody = "none";

    private static readonly Dictionary<string, string> Due = new()
    {
        ["GET /health/live"] = Nobody,
        ["GET /health/ready"] = Nobody,
        ["GET /openapi/{}.json"] = "read",
        ["GET /metrics"] = "read",
        ["GET /api/v1/node"] = "read",
        ["GET /api/v1/nodes"] = "read",
        ["GET /api/v1/nodes/{}"] = "read",
        ["POST /api/v1/nodes/{}/drain"] = "admin",
        ["POST /api/v1/nodes/{}/undrain"] = "admin",
        ["GET /api/v1/tokens"] = "admin",
        ["GET /api/v1/tokens/own"] = "read",
        ["POST /api/v1/tokens"] = "admin",
        ["POST /api/v1/tokens/{}/revoke"] = "admin",
        ["GET /api/v1/corpora"] = "read",
        ["GET /api/v1/corpora/{}"] = "read",
        ["GET /api/v1/corpora/{}/clips"] = "read",
        ["GET /api/v1/corpora/{}/strip.png"] = "read",
        ["GET /api/v1/corpora/{}/mouth.npz"] = "read",
        ["POST /api/v1/corpora/{}/alignments"] = "run",
        ["GET /api/v1/experiments"] = "read",
        ["GET /api/v1/runs"] = "read",
        ["POST /api/v1/runs"] = "run",
        ["POST /api/v1/runs/search"] = "read",
        ["POST /api/v1/runs/summaries"] = "read",
        ["GET /api/v1/runs/{}"] = "read",
        ["DELETE /api/v1/runs/{}"] = "admin",
        ["POST /api/v1/runs/{}/restore"] = "admin",
        ["POST /api/v1/runs/{}/purge"] = "admin",
        ["POST /api/v1/runs/{}/stop"] = "run",
        ["POST /api/v1/runs/{}/resume"] = "run",
        ["PUT /api/v1/runs/{}/tags"] = "run",
        ["PUT /api/v1/runs/{}/notebook"] = "run",
        ["GET /api/v1/runs/{}/metrics"] = "read",
        ["GET /api/v1/runs/{}/metrics/history"] = "read",
        ["GET /api/v1/runs/{}/points"] = "read",
        ["GET /api/v1/runs/{}/events"] = "read",
        ["GET /api/v1/runs/{}/evaluation"] = "read",
        ["GET /api/v1/runs/{}/log"] = "read",
        ["GET /api/v1/runs/{}/artifacts"] = "read",
        ["GET /api/v1/networks"] = "read",
        ["POST /api/v1/networks"] = "run",
        ["GET /api/v1/networks/{}"] = "read",
        ["DELETE /api/v1/networks/{}"] = "run",
        ["GET /api/v1/searches"] = "read",
        ["POST /api/v1/searches"] = "run",
        ["GET /api/v1/searches/{}"] = "read",
        ["GET /api/v1/searches/{}/analysis"] = "read",
        ["POST /api/v1/searches/{}/pause"] = "run",
        ["POST /api/v1/searches/{}/resume"] = "run",
        ["POST /api/v1/searches/{}/trials"] = "run",
        ["POST /api/v1/searches/{}/stop"] = "run",
        ["GET /api/v1/pipelines"] = "read",
        ["POST /api/v1/pipelines"] = "admin",
        ["GET /api/v1/pipelines/{}"] = "read",
        ["DELETE /api/v1/pipelines/{}"] = "admin",
        ["GET /api/v1/pipelines/{}/history"] = "read",
        ["POST /api/v1/pipelines/{}/pause"] = "admin",
        ["POST /api/v1/pipelines/{}/resume"] = "admin",
        ["POST /api/v1/pipelines/{}/backfill"] = "run",
        ["POST /api/v1/pipelines/{}/runs"] = "run",
        ["GET /api/v1/pipelines/{}/runs/{}"] = "read",
        ["POST /api/v1/pipelines/{}/runs/{}/cancel"] = "run",
        ["POST /api/v1/pipelines/{}/runs/{}/resume"] = "run",
        ["GET /api/v1/models"] = "read",
        ["GET /api/v1/models/{}"] = "read",
        ["GET /api/v1/models/{}/versions/{}"] = "read",
        ["POST /api/v1/models/{}/canary"] = "admin",
        ["POST /api/v1/models/{}/shadow"] = "admin",
        ["DELETE /api/v1/models/{}/trial"] = "admin",
        ["GET /api/v1/models/{}/traffic"] = "read",
        ["GET /api/v1/models/{}/history"] = "read",
        ["DELETE /api/v1/models/{}"] = "admin",
        ["DELETE /api/v1/models/{}/versions/{}"] = "admin",
        ["GET /api/v1/models/{}/versions/{}/bundle"] = "read",
        ["GET /api/v1/models/{}/versions/{}/saliency"] = "read",
        ["POST /api/v1/models/{}/saliency"] = "read",
        ["POST /api/v1/models/{}/versions"] = "run",
        ["POST /api/v1/models/imports"] = "run",
        ["POST /api/v1/models/imports/{}"] = "run",
        ["POST /api/v1/models/{}/versions/{}/object"] = "run",
        ["POST /api/v1/models/{}/versions/{}/marks"] = "admin",
        ["POST /api/v1/models/{}/evaluations"] = "run",
        ["POST /api/v1/models/comparisons"] = "run",
        ["POST /api/v1/models/{}/promotions"] = "admin",
        ["POST /api/v1/models/{}/rollback"] = "admin",
        ["PUT /api/v1/models/{}/aliases/{}"] = "admin",
        ["POST /api/v1/artifacts"] = "run",
        ["GET /api/v1/artifacts/{}"] = "read",
        ["GET /api/v1/artifacts/{}/{}"] = "read",
        ["POST /api/v1/transcriptions"] = "read",
        ["GET /api/v1/transcriptions/{}"] = "read",
        ["DELETE /api/v1/transcriptions/{}"] = "read",
        ["POST /api/v1/transcriptions/{}/cancel"] = "read",
        ["POST /api/v1/transcriptions/batches"] = "read",
        ["GET /api/v1/transcriptions/batches/{}"] = "read",
        ["POST /api/v1/transcriptions/batches/{}/cancel"] = "read",
        ["GET /api/v1/stream"] = "read",
        ["CONNECT /api/v1/stream"] = "read",
    };

    // Others' pages, of which only the whole is known. The files of one are for any caller, says its library; nobody is a caller without a token (TokenTests).
    private static readonly (string Prefix, string Role)[] Pages = [("/docs", "read"), ("/dashboard", "admin")];

    [Fact]
    public void Every_endpoint_asks_for_the_role_that_is_stated_here()
    {
        var found = Endpoints(fixture.Node).ToArray();
        Assert.Equal(Due.Select(d => $"{d.Key}: {d.Value}").Order(StringComparer.Ordinal), found.Where(e => PageRole(e.Path) is null).Select(e => $"{e.Method} {Pattern(e.Path)}: {e.Role}").Distinct().Order(StringComparer.Ordinal));
        foreach (var (method, path, role) in found)
            if (PageRole(path) is { } due) Assert.True(role == due, $"{method} {path} needs {role}, not {due}.");
        Assert.All(Pages, page => Assert.Contains(found, e => e.Path.StartsWith(page.Prefix, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("run")]
    public async Task A_role_gets_past_where_it_is_enough_and_is_told_what_it_takes_elsewhere(string role)
    {
        var token = await fixture.Client.Tokens.CreateAsync(new CreateToken { Name = $"roles-{role}", Role = Enum.Parse<TokenRole>(role, ignoreCase: true) });
        string[] order = [Nobody, "read", "run", "admin"];
        var asked = 0;
        // CONNECT goes to an address over HTTP/2 only, which takes TLS (CertificateTests); over HTTP/1 it names no path.
        foreach (var (method, path, due) in Endpoints(fixture.Node).Where(e => e.Method != "CONNECT"))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Example(path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            using var answer = await fixture.Node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var refused = Array.IndexOf(order, due) > Array.IndexOf(order, role);
            Assert.True(refused == (answer.StatusCode == HttpStatusCode.Forbidden) && answer.StatusCode != HttpStatusCode.Unauthorized, $"{method} {path}, which needs {due}, answered {role} with {(int)answer.StatusCode}");
            asked++;
            if (!refused) continue;
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal("forbidden", problem.RootElement.GetProperty("reason").GetString());
            Assert.Contains($"with the role {due}; \"roles-{role}\" has {role}", problem.RootElement.GetProperty("detail").GetString());
        }
        Assert.True(asked > Due.Count, $"only {asked} endpoints were asked");
    }

    [Fact]
    public void An_endpoint_that_names_no_role_is_for_administrators_and_the_higher_of_two_counts()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/forgotten", () => "");
        app.MapGroup("/group").NeedsRead().MapGet("/higher", () => "").NeedsAdmin();
        app.MapGroup("/group").NeedsRun().MapGet("/lower", () => "").NeedsRead();
        app.MapGet("/bare", () => "").RequireAuthorization();
        var roles = ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().ToDictionary(e => e.RoutePattern.RawText!.TrimStart('/'), e => Roles.NameOf(Roles.Of(e.Metadata)!.Value));
        Assert.Equal(("admin", "admin", "run", "admin"), (roles["forgotten"], roles["group/higher"], roles["group/lower"], roles["bare"]));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_whatever_the_role_and_the_pages_are_for_all()
    {
        var token = await fixture.Client.Tokens.CreateAsync(new CreateToken { Name = "pages", Role = TokenRole.Read });
        foreach (var (path, status) in new[] { ("/nothing", HttpStatusCode.NotFound), ("/", HttpStatusCode.OK), ("/app.js", HttpStatusCode.OK), ("/docs/", HttpStatusCode.OK), ("/dashboard/", HttpStatusCode.Forbidden) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            Assert.Equal((path, status), (path, (await fixture.Node.Http.SendAsync(request)).StatusCode));
        }
    }

    [Fact]
    public async Task A_method_or_content_that_is_not_answered_is_told_as_that_and_not_as_a_role_that_lacks()
    {
        var token = await fixture.Client.Tokens.CreateAsync(new CreateToken { Name = "methods", Role = TokenRole.Run });
        using var method = new HttpRequestMessage(HttpMethod.Put, "/api/v1/transcriptions");
        using var content = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs") { Content = new StringContent("a run") };
        foreach (var (request, status) in new[] { (method, HttpStatusCode.MethodNotAllowed), (content, HttpStatusCode.UnsupportedMediaType) })
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            Assert.Equal(status, (await fixture.Node.Http.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task The_document_says_which_role_each_endpoint_needs()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        using var document = JsonDocument.Parse(await (await fixture.Node.Http.SendAsync(request)).EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
            {
                Assert.NotEqual("connect", operation.Name);
                var due = Due[$"{operation.Name.ToUpperInvariant()} {Pattern(path.Name)}"];
                var description = operation.Value.TryGetProperty("description", out var text) ? text.GetString()! : "";
                Assert.EndsWith(due == Nobody ? "Needs no token." : $"Needs a token with the role {due}.", description);
            }
    }

    internal static IEnumerable<(string Method, string Path, string Role)> Endpoints(TestNode node) =>
        from endpoint in node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select (method, "/" + endpoint.RoutePattern.RawText!.Trim('/'), Roles.Of(endpoint.Metadata) is { } role ? Roles.NameOf(role) : Nobody);

    private static string? PageRole(string path) => path.StartsWith("/docs/", StringComparison.Ordinal) && Path.HasExtension(path) ? Nobody : Pages.FirstOrDefault(p => path == p.Prefix || path.StartsWith(p.Prefix + "/", StringComparison.Ordinal)).Role;

    private static string Pattern(string path) => Parameter().Replace(path, "{}");

    /// <summary>An address of this pattern, of something that isn't there.</summary>
    private static string Example(string path) => Parameter().Replace(path, m => m.Value.EndsWith(":int}", StringComparison.Ordinal) ? "77" : "no-such-thing");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
