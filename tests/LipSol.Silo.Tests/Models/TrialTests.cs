using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Models;

/// <summary>A version beside the one in production, over HTTP.</summary>
public sealed class TrialTests : IAsyncLifetime
{
    private TestNode node = null!;

    private ModelsClient Models => node.Client.Models;

    public async ValueTask InitializeAsync()
    {
        node = await TestNode.StartAsync();
        node.AddCorpus();
        for (var version = 1; version <= 2; version++)
        {
            var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
            await (await node.Workers.NextAsync()).CompleteAsync(1);
            await Models.RegisterAsync("m", run.Id);
        }
        Assert.True((await Models.PromoteAsync("m", new Promote { Version = 1 })).Promoted);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task A_canary_answers_its_share_and_promoting_it_leaves_the_figures_in_the_trail()
    {
        var begun = await Models.StartCanaryAsync("m", new StartCanary(2, 1));
        Assert.Equal(("canary", true, "node", 2), (begun.Kind, begun.Promoted, begun.By, begun.Version));
        Assert.Equal((ModelTrial.Canary, 2, 1.0), ((await Models.GetAsync("m")).Trial!.Kind, begun.Trial!.Version, begun.Trial.Share));
        Assert.Equal(2, (await ReadAsync()).Provenance.Version);
        Assert.Equal(1, (await ReadAsync(version: 1)).Provenance.Version);

        var traffic = await CountedAsync(t => t.Figures.Compared == 1);
        Assert.Equal((1.0, 1L, 0L), (traffic.Figures.Agreement, traffic.Figures.Candidate!.Answered, traffic.Figures.Production!.Answered));
        var promoted = await Models.PromoteAsync("m", new Promote { Version = 2, Confidence = 0.4 });
        Assert.True(promoted.Promoted, promoted.Reason);
        Assert.Null((await Models.GetAsync("m")).Trial);

        var history = await Models.GetHistoryAsync("m");
        Assert.Equal(["promote", "canary", "promote"], history.Entries.Select(e => e.Kind));
        Assert.Equal(1, history.Entries[0].Traffic!.Candidate!.Answered);
        Assert.NotEmpty(history.Entries[0].Nodes);
        Assert.Equal(3, history.Total);
    }

    [Fact]
    public async Task The_trail_names_the_token_a_sticky_canary_keeps_to_its_caller_and_other_peoples_texts_are_the_administrators()
    {
        var amina = await node.Client.Tokens.CreateAsync(new CreateToken { Name = "amina", Role = TokenRole.Admin });
        using var administrator = new LipSolClient(new Uri(node.Url), amina.Token);
        Assert.Equal("amina", (await administrator.Models.StartCanaryAsync("m", new StartCanary(2, 0.5) { Sticky = true })).By);
        Assert.Equal("amina", (await Models.GetHistoryAsync("m")).Entries[0].By);

        // Each caller meets one version, and some of forty the one, some the other.
        var met = new List<int>();
        for (var caller = 0; caller < 40; caller++)
        {
            var first = await ReadAsAsync($"caller-{caller}");
            Assert.Equal(first, await ReadAsAsync($"caller-{caller}"));
            met.Add(first);
        }
        Assert.Equal([1, 2], met.Distinct().Order());

        var reader = await node.Client.Tokens.CreateAsync(new CreateToken { Name = "reader", Role = TokenRole.Read });
        using var other = new LipSolClient(new Uri(node.Url), reader.Token);
        Assert.Empty((await other.Models.GetTrafficAsync("m")).Disagreements);
    }

    private async Task<int> ReadAsAsync(string caller)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions?model=m") { Content = new ByteArrayContent(MouthClipFile.ToBytes(BrightnessModel.Clip(250))) };
        request.Content.Headers.ContentType = new("application/x-npz");
        request.Headers.Authorization = new("Bearer", node.Token);
        request.Headers.Add("X-Caller", caller);
        using var answer = (await node.Http.SendAsync(request)).EnsureSuccessStatusCode();
        return (await System.Net.Http.Json.HttpContentJsonExtensions.ReadFromJsonAsync<Transcription>(answer.Content, LipSolJson.Options))!.Provenance.Version;
    }

    [Fact]
    public async Task A_shadow_is_never_heard_and_one_word_ends_it()
    {
        await Models.StartShadowAsync("m", 2);
        Assert.Equal(1, (await ReadAsync()).Provenance.Version);
        var traffic = await CountedAsync(t => t.Figures.Compared == 1);
        Assert.Equal((1L, 0L), (traffic.Figures.Candidate!.Shadowed, traffic.Figures.Candidate.Answered));
        Assert.True(traffic.Figures.Production!.P99 >= traffic.Figures.Production.P50 && traffic.Figures.Production.P50 > 0);
        var back = await Models.RollbackAsync("m", "seen enough");
        Assert.Equal(("rollback", 1), (back.Kind, back.Version));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => Models.StopTrialAsync("m"));
    }

    [Fact]
    public async Task A_version_and_a_model_are_deleted_and_the_trail_stays()
    {
        await Assert.ThrowsAsync<LipSolRefusedException>(() => Models.DeleteAsync("m", 1));
        await Models.DeleteAsync("m", 2);
        Assert.Single((await Models.GetAsync("m")).Versions);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => ReadAsync(version: 2));
        await Models.DeleteAsync("m", null);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => Models.GetAsync("m"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => ReadAsync());
        Assert.Equal(["delete", "delete", "promote"], (await Models.GetHistoryAsync("m")).Entries.Select(e => e.Kind));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => Models.GetHistoryAsync("none"));
    }

    [Fact]
    public async Task A_damaged_network_is_neither_promoted_nor_tried_and_the_version_before_goes_on()
    {
        var network = node.Artifacts.ReadFolder((await Models.GetVersionAsync("m", 2)).Artifact!).Entries.Single(e => e.RelativePath == "model.onnx");
        var path = node.Artifacts.PathOf(network.Md5);
        var bytes = await File.ReadAllBytesAsync(path);
        // Another file in its place: what is loaded may still be read from the old one.
        File.Delete(path);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)]);
        foreach (var decision in new[] { await Models.PromoteAsync("m", new Promote { Version = 2, Confidence = 0.4 }), await Models.StartCanaryAsync("m", new StartCanary(2, 0.5)) })
        {
            Assert.False(decision.Promoted);
            Assert.Contains("couldn't load version 2", decision.Reason);
            Assert.Equal(1, (await ReadAsync()).Provenance.Version);
        }
        Assert.Equal(["canary", "refuse", "promote"], (await Models.GetHistoryAsync("m")).Entries.Select(e => e.Kind));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        await Assert.ThrowsAsync<LipSolRefusedException>(() => Models.StartCanaryAsync("m", new StartCanary(2, 0)));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => Models.StartCanaryAsync("m", new StartCanary(2, 1.5)));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => Models.StartCanaryAsync("m", new StartCanary(9, 0.5)));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => Models.StartShadowAsync("m", 1));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => Models.StartShadowAsync("none", 1));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => Models.GetTrafficAsync("none"));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => Models.GetHistoryAsync("m", take: 0));
    }

    private Task<Transcription> ReadAsync(int? version = null) =>
        node.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClipFile.ToBytes(BrightnessModel.Clip(250))), "clip.npz", new TranscriptionOptions { Model = "m", Version = version });

    private async Task<ModelTraffic> CountedAsync(Func<ModelTraffic, bool> so)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var traffic = await Models.GetTrafficAsync("m", limit.Token);
            if (so(traffic)) return traffic;
        }
    }
}
