using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LipSol.Silo.Tests.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Pages;

/// <summary>The OpenAPI document tells of everything that the node answers.</summary>
public sealed partial class ApiDocumentTests(NodeFixture fixture)
{
    private const string ProblemJson = "application/problem+json";

    [Fact]
    public async Task Every_endpoint_is_described_with_what_it_answers_and_its_problems()
    {
        using var document = await DocumentAsync();
        Assert.StartsWith("3.", document.RootElement.GetProperty("openapi").GetString());
        var paths = document.RootElement.GetProperty("paths");
        var told = new HashSet<string>();
        foreach (var (method, path, endpoint) in Mapped())
        {
            var what = $"{method} {path}";
            told.Add(what);
            Assert.True(paths.TryGetProperty(path, out var operations) && operations.TryGetProperty(method, out _), $"{what} is not described.");
            var operation = operations.GetProperty(method);
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("summary").GetString()), $"{what} has no summary.");
            Assert.NotEmpty(operation.GetProperty("tags").EnumerateArray());
            var responses = operation.GetProperty("responses");
            Assert.Contains(responses.EnumerateObject(), r => r.Name[0] == '2' || r.Name == "101"); // a WebSocket's only good answer
            foreach (var response in responses.EnumerateObject().Where(r => r.Name[0] is '4' or '5'))
                Assert.True(response.Value.GetProperty("content").GetProperty(ProblemJson).GetProperty("schema").GetProperty("$ref").GetString()!.EndsWith("/Problem", StringComparison.Ordinal), $"{what}: {response.Name} is no problem.");
            if (!path.StartsWith("/api/", StringComparison.Ordinal)) continue;
            string[] due = ["400", "401", "403", "429", "503", .. path.Contains('{', StringComparison.Ordinal) ? ["404"] : Array.Empty<string>(),
                .. endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null ? ["413", "415"] : Array.Empty<string>(), .. method is "post" or "put" ? ["507"] : Array.Empty<string>()];
            Assert.Empty(due.Where(status => !responses.TryGetProperty(status, out _)).Select(status => $"{what}: {status} is not described"));
            // What stands in the path, and what is asked for, is described.
            var parameters = operation.TryGetProperty("parameters", out var some) ? some.EnumerateArray().Select(p => p.GetProperty("name").GetString()).ToArray() : [];
            Assert.Empty(InPath().Matches(path).Select(m => m.Groups[1].Value).Except(parameters));
        }
        Assert.True(told.Count >= 35, $"only {told.Count} endpoints were found");
        Assert.Equal(told.Order(), paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name} {p.Name}")).Order());
    }

    [Fact]
    public async Task The_token_and_the_parts_of_an_upload_are_described()
    {
        using var document = await DocumentAsync();
        var components = document.RootElement.GetProperty("components");
        Assert.Equal("bearer", components.GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        var transcriptions = document.RootElement.GetProperty("paths").GetProperty("/api/v1/transcriptions").GetProperty("post");
        Assert.True(transcriptions.GetProperty("requestBody").GetProperty("content").TryGetProperty("multipart/form-data", out _));
        foreach (var limit in (string[])["1 MB", "60 seconds", "pixels", "5 seconds to crop"]) Assert.Contains(limit, transcriptions.GetProperty("description").GetString());
        foreach (var type in (string[])["video/*", "application/octet-stream", "application/x-npz"])
            Assert.Equal("binary", transcriptions.GetProperty("requestBody").GetProperty("content").GetProperty(type).GetProperty("schema").GetProperty("format").GetString());
        Assert.Contains("decoder", transcriptions.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        Assert.True(transcriptions.GetProperty("responses").TryGetProperty("202", out _));
        foreach (var part in (string[])["clip", "mouthClip", "frames", "framesPerSecond", "keep", "async", "model", "version", "start", "end", "decoder", "format"])
            Assert.True(components.GetProperty("schemas").GetProperty("TranscriptionForm").GetProperty("properties").TryGetProperty(part, out _), part);
        Assert.Equal(["detail", "reason", "status", "title", "type"], components.GetProperty("schemas").GetProperty("Problem").GetProperty("properties").EnumerateObject().Select(p => p.Name).Order());
    }

    public static TheoryData<string, string, string, int> Wrong => new()
    {
        { "get", "/api/v1/runs?take=0", "/api/v1/runs", 400 },
        { "get", "/api/v1/runs/none", "/api/v1/runs/{id}", 404 },
        { "post", "/api/v1/runs", "/api/v1/runs", 400 },
        { "post", "/api/v1/runs/none/stop", "/api/v1/runs/{id}/stop", 404 },
        { "post", "/api/v1/runs/RUN/resume", "/api/v1/runs/{id}/resume", 409 },
        { "get", "/api/v1/runs/RUN/events?cursor=x", "/api/v1/runs/{id}/events", 400 },
        { "get", "/api/v1/runs/none/events", "/api/v1/runs/{id}/events", 404 },
        { "post", "/api/v1/runs/summaries", "/api/v1/runs/summaries", 400 },
        { "get", "/api/v1/corpora/none", "/api/v1/corpora/{name}", 404 },
        { "get", "/api/v1/corpora/drawn/strip.png?clip=none", "/api/v1/corpora/{name}/strip.png", 404 },
        { "get", "/api/v1/corpora/drawn/strip.png", "/api/v1/corpora/{name}/strip.png", 400 },
        { "get", "/api/v1/corpora/drawn/clips?split=other", "/api/v1/corpora/{name}/clips", 400 },
        { "post", "/api/v1/corpora/drawn/alignments", "/api/v1/corpora/{name}/alignments", 400 },
        { "get", "/api/v1/artifacts/xyz", "/api/v1/artifacts/{hash}", 400 },
        { "get", "/api/v1/artifacts/00000000000000000000000000000000", "/api/v1/artifacts/{hash}", 404 },
        { "get", "/api/v1/models/none", "/api/v1/models/{name}", 404 },
        { "post", "/api/v1/models/none/rollback", "/api/v1/models/{name}/rollback", 404 },
        { "get", "/api/v1/models/none/traffic", "/api/v1/models/{name}/traffic", 404 },
        { "get", "/api/v1/models/none/history?take=0", "/api/v1/models/{name}/history", 400 },
        { "delete", "/api/v1/models/none/trial", "/api/v1/models/{name}/trial", 404 },
        { "post", "/api/v1/models/urdu-words/rollback", "/api/v1/models/{name}/rollback", 409 },
        { "put", "/api/v1/models/urdu-words/aliases/production", "/api/v1/models/{name}/aliases/{alias}", 400 },
        { "post", "/api/v1/models/comparisons", "/api/v1/models/comparisons", 400 },
        { "post", "/api/v1/models/imports", "/api/v1/models/imports", 415 },
        { "post", "/api/v1/transcriptions", "/api/v1/transcriptions", 415 },
        { "post", "/api/v1/transcriptions/batches", "/api/v1/transcriptions/batches", 415 },
        { "get", "/api/v1/transcriptions/none", "/api/v1/transcriptions/{id}", 404 },
        { "delete", "/api/v1/transcriptions/none", "/api/v1/transcriptions/{id}", 404 },
        { "post", "/api/v1/transcriptions/none/cancel", "/api/v1/transcriptions/{id}/cancel", 404 },
        { "get", "/api/v1/transcriptions/batches/none", "/api/v1/transcriptions/batches/{id}", 404 },
        { "post", "/api/v1/models/urdu-words/saliency", "/api/v1/models/{name}/saliency", 415 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_problem_that_comes_is_one_that_is_described(string method, string address, string path, int status)
    {
        using var request = Request(new HttpMethod(method.ToUpperInvariant()), address.Replace("RUN", fixture.RunId, StringComparison.Ordinal));
        if (method != "get" && status is 400 or 415) request.Content = new StringContent("[\"not what is asked for\"", Encoding.UTF8, "application/json");
        await AssertDescribedAsync(request, method, path, status);
    }

    [Fact]
    public async Task So_are_a_body_of_another_kind_one_that_is_too_large_and_a_missing_token()
    {
        using var text = Request(HttpMethod.Post, "/api/v1/runs");
        text.Content = new StringContent("hello", Encoding.UTF8, "text/plain");
        await AssertDescribedAsync(text, "post", "/api/v1/runs", 415);
        using var large = Request(HttpMethod.Post, "/api/v1/runs");
        large.Content = new StringContent($"\"{new string('x', 2 << 20)}\"", Encoding.UTF8, "application/json");
        large.Headers.ExpectContinue = true; // the answer comes before the body is sent, and breaks nothing off
        await AssertDescribedAsync(large, "post", "/api/v1/runs", 413);
        using var anonymous = Request(HttpMethod.Get, "/api/v1/runs");
        anonymous.Headers.Authorization = null;
        await AssertDescribedAsync(anonymous, "get", "/api/v1/runs", 401);
    }

    private async Task AssertDescribedAsync(HttpRequestMessage request, string method, string path, int status)
    {
        using var answer = await fixture.Node.Http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal((status, ProblemJson), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(body);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("reason").GetString()!);
        Assert.NotEmpty(problem.RootElement.GetProperty("detail").GetString()!);
        using var document = await DocumentAsync();
        Assert.True(document.RootElement.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses").TryGetProperty($"{status}", out _), $"{method} {path}: {status} is not described.");
    }

    private IEnumerable<(string Method, string Path, RouteEndpoint Endpoint)> Mapped() =>
        from endpoint in fixture.Node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = Constraint().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{$1}")
        where path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/health/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["get"]
        where method != "CONNECT" // a WebSocket over HTTP/2, which OpenAPI has no word for; it's described as the GET beside it
        select (method.ToLowerInvariant(), path, endpoint);

    private HttpRequestMessage Request(HttpMethod method, string address)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        return request;
    }

    private async Task<JsonDocument> DocumentAsync()
    {
        using var answer = await fixture.Node.Http.SendAsync(Request(HttpMethod.Get, "/openapi/v1.json"));
        return JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }

    // {version:int} and {**path} are {version} and {path} in OpenAPI.
    [GeneratedRegex(@"\{\*{0,2}(\w+)[^}]*\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex InPath();
}
