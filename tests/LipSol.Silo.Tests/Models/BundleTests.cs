using System.Net;
using System.Net.Http.Headers;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Models;

[Collection("uploads")]
public sealed class BundleTests(NodeFixture fixture)
{
    [Fact]
    public async Task A_version_goes_from_one_node_into_another_and_gives_the_same_answers_there()
    {
        var bundle = await ExportAsync(fixture.Client);
        await using var other = await TestNode.StartAsync();

        var imported = await ImportAsync(other.Client, bundle);

        Assert.False(imported.WasThere);
        var version = imported.Version;
        Assert.Equal((NodeFixture.Model, 1, fixture.RunId, fixture.DataHash), (version.Model, version.Version, version.RunId, version.DataHash));
        Assert.Equal((NodeFixture.Model, 1), (version.Origin!.Model, version.Origin.Version));
        Assert.Equal("0.1.0", version.Origin.CodeVersion);
        Assert.Equal(1, version.Origin.Seed);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bundle)), version.Origin.Bundle);
        Assert.Equal((await fixture.Client.Models.GetVersionAsync(NodeFixture.Model, 1)).Figures, version.Figures);

        // Not promoted: nobody is answered by it before the gate, which can judge it by the readings it brought.
        var model = await other.Client.Models.GetAsync(NodeFixture.Model);
        Assert.False(model.Aliases.ContainsKey("production"));
        var decision = await other.Client.Models.PromoteAsync(NodeFixture.Model, new Promote { Version = 1 });
        Assert.True(decision.Promoted, decision.Reason);

        foreach (byte grey in new byte[] { 5, 127, 250 })
        {
            var (here, there) = (await ReadAsync(fixture.Client, grey), await ReadAsync(other.Client, grey));
            Assert.Equal(here.Text, there.Text);
            // The last bits of a sum depend on where its numbers lie in memory.
            Assert.Equal(here.Confidence, there.Confidence, 1e-6);
            Assert.Equal((here.Provenance.RunId, here.Provenance.DataHash), (there.Provenance.RunId, there.Provenance.DataHash));
        }
    }

    [Fact]
    public async Task However_often_it_travels_it_stays_the_same_file()
    {
        var bundle = await ExportAsync(fixture.Client);
        Assert.Equal(bundle, await ExportAsync(fixture.Client));
        await using var other = await TestNode.StartAsync();
        var imported = await ImportAsync(other.Client, bundle, "words-of-lahore");
        Assert.Equal("words-of-lahore", imported.Version.Model);
        Assert.Equal(bundle, await ExportAsync(other.Client, "words-of-lahore"));
    }

    [Fact]
    public async Task The_same_bundle_again_is_the_same_version_and_its_own_node_knows_it()
    {
        var bundle = await ExportAsync(fixture.Client);
        var home = await ImportAsync(fixture.Client, bundle);
        Assert.Equal((true, 1, (ModelOrigin?)null), (home.WasThere, home.Version.Version, home.Version.Origin));
        await using var other = await TestNode.StartAsync();
        Assert.False((await ImportAsync(other.Client, bundle)).WasThere);
        Assert.True((await ImportAsync(other.Client, bundle)).WasThere);
        Assert.Single((await other.Client.Models.GetAsync(NodeFixture.Model)).Versions);
    }

    [Fact]
    public async Task What_is_refused_leaves_nothing_behind()
    {
        var bundle = await ExportAsync(fixture.Client);
        await using var other = await TestNode.StartAsync();
        var damaged = bundle.ToArray();
        damaged[bundle.Length / 2] ^= 0x40;
        foreach (var (bytes, reason) in new (byte[], string)[] { ([], "not-a-bundle"), ([1, 2, 3, 4], "not-a-bundle"), (bundle[..^100], "damaged"), (damaged, "damaged") })
        {
            var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => ImportAsync(other.Client, bytes));
            Assert.Equal((HttpStatusCode.UnprocessableEntity, reason), (refusal.Status, refusal.Reason));
        }
        await Assert.ThrowsAsync<LipSolRefusedException>(() => ImportAsync(other.Client, bundle, "a/b"));
        Assert.Empty(await other.Client.Models.ListAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(other.DataFolder, "cache", "bundles")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(other.DataFolder, "artifacts", "files"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_bundle_larger_than_the_node_takes_is_cut_off()
    {
        var bundle = await ExportAsync(fixture.Client);
        await using var other = await TestNode.StartAsync(o => o with { Bundles = new BundleLimits { Bytes = 1000 } });
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => ImportAsync(other.Client, bundle));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refusal.Status);
    }

    [Fact]
    public async Task Figures_follow_from_the_readings_that_a_bundle_brings()
    {
        var bundle = BundleSurgery.Misread(await ExportAsync(fixture.Client), 25);
        await using var other = await TestNode.StartAsync();
        Assert.Equal(0.75, (await ImportAsync(other.Client, bundle)).Version.Figures["word_accuracy"].Value);
    }

    [Fact]
    public async Task A_gate_that_needs_data_this_node_does_not_have_says_so()
    {
        var bundle = await ExportAsync(fixture.Client);
        await using var other = await TestNode.StartAsync();
        other.AddCorpus("mine");
        var run = await other.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = "mine" });
        await (await other.Workers.NextAsync()).CompleteAsync(0.9);
        Assert.True((await other.Client.Models.PromoteAsync(NodeFixture.Model, new Promote { RunId = run.Id })).Promoted);
        var imported = await ImportAsync(other.Client, BundleSurgery.OtherTest(bundle));
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => other.Client.Models.PromoteAsync(NodeFixture.Model, new Promote { Version = imported.Version.Version }));
        Assert.Contains("isn't on this node", refusal.Message);
    }

    [Fact]
    public async Task An_upload_that_is_no_file_is_told_what_to_send()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, fixture.Node.Url + "/api/v1/models/imports") { Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        using var answer = await fixture.Node.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task Progress_reaches_the_whole_on_the_way_out_and_in()
    {
        var seen = new List<TransferProgress>();
        using var file = new MemoryStream();
        await fixture.Client.Models.ExportAsync(NodeFixture.Model, 1, file, new Inline(seen.Add));
        Assert.Equal((file.Length, file.Length), (seen[^1].Done, seen[^1].Total));
        seen.Clear();
        file.Position = 0;
        await fixture.Client.Models.ImportAsync(file, null, new Inline(seen.Add));
        Assert.Equal((file.Length, file.Length), (seen[^1].Done, seen[^1].Total));
    }

    [Fact]
    public async Task A_reference_means_a_version_an_alias_or_what_is_in_production()
    {
        foreach (var text in new[] { "urdu-words", "urdu-words@1", "urdu-words@production", "urdu-words@candidate" })
            Assert.Equal(1, (await fixture.Client.Models.ResolveAsync(ModelReference.Parse(text))).Version);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Models.ResolveAsync(ModelReference.Parse("urdu-words@9")));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Models.ResolveAsync(ModelReference.Parse("urdu-words@nowhere")));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Models.ExportAsync("none", 1, Stream.Null));
    }

    private static async Task<byte[]> ExportAsync(LipSolClient client, string name = NodeFixture.Model)
    {
        using var file = new MemoryStream();
        await client.Models.ExportAsync(name, 1, file);
        return file.ToArray();
    }

    private static Task<ImportedModel> ImportAsync(LipSolClient client, byte[] bundle, string? name = null) => client.Models.ImportAsync(new MemoryStream(bundle), name);

    private static Task<Transcription> ReadAsync(LipSolClient client, byte grey) =>
        client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClipFile.ToBytes(BrightnessModel.Clip(grey))), "x.npz", new TranscriptionOptions { Start = 0, End = 0.6 });

    private sealed class Inline(Action<TransferProgress> report) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => report(value);
    }
}
