using System.Net.Http.Headers;
using System.Text.Json;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Pages;

public sealed class PageTests : IDisposable
{
    private readonly HttpClient http;

    public PageTests(NodeFixture fixture)
    {
        http = new HttpClient { BaseAddress = new Uri(fixture.Node.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
    }

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task The_page_and_everything_it_names_is_served_from_the_node_itself()
    {
        var page = await http.GetAsync("/");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.DoesNotContain("http://", html);
        Assert.DoesNotContain("https://", html);
        foreach (var path in new[] { "app.js", "style.css", "icon.svg", "fonts/noto-nastaliq-urdu.woff2" })
        {
            Assert.Contains(path, html);
            Assert.True((await http.GetAsync("/" + path)).IsSuccessStatusCode, path);
        }
    }

    [Fact]
    public async Task The_font_is_a_font()
    {
        var font = await http.GetByteArrayAsync("/fonts/noto-nastaliq-urdu.woff2");
        Assert.Equal("wOF2"u8.ToArray(), font[..4]);
        Assert.Contains("SIL Open Font License", await http.GetStringAsync("/fonts/noto-nastaliq-urdu.LICENSE.txt"));
    }

    [Fact]
    public async Task The_openapi_document_describes_every_path_and_the_token()
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync("/openapi/v1.json"));
        Assert.StartsWith("3.", document.RootElement.GetProperty("openapi").GetString());
        var paths = document.RootElement.GetProperty("paths");
        foreach (var path in new[]
        {
            "/health/live", "/health/ready", "/api/v1/node", "/api/v1/corpora", "/api/v1/corpora/{name}", "/api/v1/corpora/{name}/clips", "/api/v1/corpora/{name}/strip.png",
            "/api/v1/corpora/{name}/mouth.npz", "/api/v1/experiments", "/api/v1/runs", "/api/v1/runs/{id}", "/api/v1/runs/{id}/stop", "/api/v1/runs/{id}/resume", "/api/v1/runs/{id}/tags",
            "/api/v1/runs/{id}/metrics", "/api/v1/runs/{id}/events", "/api/v1/runs/{id}/log", "/api/v1/runs/{id}/artifacts", "/api/v1/runs/{id}/evaluation", "/api/v1/artifacts/{hash}", "/api/v1/models", "/api/v1/models/{name}",
            "/api/v1/models/{name}/versions", "/api/v1/models/{name}/promotions", "/api/v1/models/{name}/rollback", "/api/v1/models/{name}/evaluations", "/api/v1/transcriptions",
        })
            Assert.True(paths.TryGetProperty(path, out _), $"{path} is not described.");
        Assert.Equal("bearer", document.RootElement.GetProperty("components").GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        Assert.True(paths.GetProperty("/api/v1/transcriptions").GetProperty("post").GetProperty("requestBody").GetProperty("content").TryGetProperty("multipart/form-data", out _));
        Assert.Contains("mouthClip", document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("TranscriptionForm").GetRawText());
    }

    [Fact]
    public async Task The_page_to_try_the_api_brings_its_own_script()
    {
        var html = await http.GetStringAsync("/docs/");
        Assert.DoesNotContain("cdn.", html);
        Assert.DoesNotContain("fonts.scalar.com", html);
        var script = System.Text.RegularExpressions.Regex.Match(html, "src=\"([^\"]*scalar[^\"]*)\"").Groups[1].Value;
        Assert.NotEmpty(script);
        Assert.True((await http.GetAsync(new Uri(new Uri(http.BaseAddress!, "/docs/"), script))).IsSuccessStatusCode, script);
    }
}
