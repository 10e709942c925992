using System.Net.Http.Headers;
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
