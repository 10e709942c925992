using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;
using LipSol.Testing.Pages;

namespace LipSol.Silo.Tests.Pages;

/// <summary>The page in a real browser.</summary>
public sealed class BrowserTests
{
    [Fact]
    public async Task Someone_with_the_link_chooses_a_clip_and_reads_urdu_from_right_to_left()
    {
        await using var browser = await Browser.OpenAsync();
        await using var node = await ServingAsync();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "کلپ ایک.npz");
        await File.WriteAllBytesAsync(file, MouthClipFile.ToBytes(BrightnessModel.Clip(160)));

        await browser.GoAsync($"{node.Url}/?token={node.Token}");
        Assert.DoesNotContain("token", (await browser.EvaluateAsync("location.href")).GetString());
        await browser.PictureAsync("page-empty", 1100, dark: false);
        Assert.True((await browser.EvaluateAsync("document.getElementById('read').disabled")).GetBoolean());
        await browser.ChooseFileAsync("#file", file);
        await browser.WaitAsync("!document.getElementById('read').disabled");
        await browser.EvaluateAsync("document.getElementById('read').click()");
        await browser.WaitAsync("!document.getElementById('answer').hidden");

        Assert.Equal("نہیں", (await browser.EvaluateAsync("document.getElementById('text').textContent")).GetString());
        Assert.Equal("rtl", (await browser.EvaluateAsync("getComputedStyle(document.getElementById('text')).direction")).GetString());
        Assert.Equal("ur", (await browser.EvaluateAsync("document.getElementById('text').lang")).GetString());
        Assert.True((await browser.EvaluateAsync("document.fonts.ready.then(() => [...document.fonts].some(f => f.family.includes('Nastaliq') && f.status === 'loaded'))")).GetBoolean());
        Assert.Equal("نو", (await browser.EvaluateAsync("document.getElementById('look-alike').textContent")).GetString());
        Assert.Equal(3, (await browser.EvaluateAsync("document.querySelectorAll('#alternatives li').length")).GetInt32());
        Assert.False((await browser.EvaluateAsync("document.getElementById('synthetic').hidden")).GetBoolean());
        Assert.Contains("version 1", (await browser.EvaluateAsync("document.getElementById('provenance').textContent")).GetString());
        await browser.EvaluateAsync("document.querySelector('.provenance').open = true");
        await browser.PictureAsync("page-answer-light", 1100, dark: false);
        await browser.PictureAsync("page-answer-dark", 1100, dark: true);
        await browser.PictureAsync("page-answer-narrow", 390, dark: false);
        AssertAsksTheNodeAlone(browser, node);
        Assert.Contains(browser.Asked, url => url.EndsWith("/api/v1/transcriptions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_word_is_recorded_with_the_webcam_and_a_refusal_is_shown_in_words()
    {
        await using var browser = await Browser.OpenAsync();
        await using var node = await ServingAsync();
        var mouth = BrightnessModel.Clip(5);
        node.Cropper.Crop = (path, _) => Task.FromResult(new FileInfo(path).Length > 1000
            ? new CroppedClip(MouthClipFile.ToBytes(mouth), mouth.Length, mouth.Length, 25) : throw new InvalidOperationException("Nothing was recorded."));

        await browser.GoAsync($"{node.Url}/?token={node.Token}");
        await browser.EvaluateAsync("document.getElementById('record').click()");
        await browser.WaitAsync("document.getElementById('record').textContent === 'Stop recording' && document.getElementById('preview').currentTime > 0.5");
        await browser.PictureAsync("page-recording", 1100, dark: false);
        await browser.EvaluateAsync("document.getElementById('record').click()");
        await browser.WaitAsync("!document.getElementById('read').disabled");
        await browser.EvaluateAsync("document.getElementById('read').click()");
        await browser.WaitAsync("!document.getElementById('answer').hidden");
        Assert.Equal("کب", (await browser.EvaluateAsync("document.getElementById('text').textContent")).GetString());

        node.Cropper.Crop = (_, _) => throw new UnusableClipException(UnusableReason.NoFace, "No face in 80 % of its 75 frames. Show the whole face.");
        await browser.EvaluateAsync("document.getElementById('read').click()");
        await browser.WaitAsync("!document.getElementById('error').hidden");
        Assert.Contains("Show the whole face", (await browser.EvaluateAsync("document.getElementById('error').textContent")).GetString());
        await browser.PictureAsync("page-refusal", 1100, dark: true);
    }

    [Fact]
    public async Task The_api_page_works_without_the_internet()
    {
        await using var browser = await Browser.OpenAsync();
        await using var node = await TestNode.StartAsync();
        await browser.GoAsync($"{node.Url}/docs/?token={node.Token}");
        await browser.WaitAsync("document.body.innerText.includes('transcriptions')");
        await browser.PictureAsync("page-docs", 1300, dark: false);
        // The operations are there to be tried, those at the page's end too.
        // The page fills in what comes into sight.
        await browser.WaitAsync("(window.seen = (window.seen ?? '') + document.body.innerText, window.scrollTo(0, (window.scrollY + 700) % document.body.scrollHeight), ['/api/v1/node', '/api/v1/transcriptions', '/api/v1/artifacts/{hash}', 'Bearer Token'].every(text => window.seen.includes(text)))");
        AssertAsksTheNodeAlone(browser, node);
        Assert.Contains(browser.Asked, url => url.EndsWith("/openapi/v1.json", StringComparison.Ordinal));
    }

    private static void AssertAsksTheNodeAlone(Browser browser, TestNode node) =>
        Assert.DoesNotContain(browser.Asked, url => !url.StartsWith(node.Url + "/", StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("blob:", StringComparison.Ordinal));

    private static async Task<TestNode> ServingAsync()
    {
        var node = await TestNode.StartAsync();
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync();
        await node.Client.Models.PromoteAsync("urdu-words", new Promote { RunId = run.Id });
        return node;
    }
}
