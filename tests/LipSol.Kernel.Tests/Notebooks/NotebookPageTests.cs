using LipSol.Kernel.Notebooks;
using LipSol.Testing.Pages;
using static LipSol.Kernel.Tests.Notebooks.SampleNotebook;

namespace LipSol.Kernel.Tests.Notebooks;

/// <summary>The page of an executed notebook in a real browser. The runner changes the process's folder, so this takes turns.</summary>
[Collection("process folder")]
public sealed class NotebookPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_asks_for_nothing_shows_urdu_from_right_to_left_in_its_own_font_and_is_dark_for_who_wants_it()
    {
        await using var browser = await Browser.OpenAsync();
        await NotebookRunner.RunAsync(new()
        {
            NotebookPath = _folder.Write("book.ipynb", Of(Markdown("# لب خوانی\n\nیہ ہاں ہے"), Code("HTML(\"<p lang='ur' id='said'>نہیں</p>\")"), Code("throw new Exception(\"no\");"))),
            HtmlPath = _folder["page.html"],
        }, TestContext.Current.CancellationToken);
        await browser.GoAsync("file://" + _folder["page.html"]);
        Assert.Equal("rtl", (await browser.EvaluateAsync("getComputedStyle(document.querySelector('h1')).direction")).GetString());
        Assert.True((await browser.EvaluateAsync("document.fonts.ready.then(() => [...document.fonts].some(f => f.family.includes('LipSol Urdu') && f.status === 'loaded'))")).GetBoolean());
        var light = (await browser.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString();
        await browser.PictureAsync("page-light", 900, dark: false);
        await browser.PreferAsync(dark: true);
        Assert.NotEqual(light, (await browser.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString());
        await browser.PictureAsync("page-dark", 900, dark: true);
        Assert.All(browser.Asked, asked => Assert.True(asked.StartsWith("file://", StringComparison.Ordinal) || asked.StartsWith("data:", StringComparison.Ordinal) || asked == "about:blank", asked));
    }
}
