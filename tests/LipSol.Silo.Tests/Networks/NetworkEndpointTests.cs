using System.Text;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Grains.Ports;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Node;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Workers;
using LipSol.Worker.Tests.Networks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LipSol.Silo.Tests.Networks;

/// <summary>Networks that people wrote: sent to a node, tried by a real worker, trained by their name.</summary>
public sealed class NetworkEndpointTests
{
    private static readonly Dictionary<string, string> Small = new() { ["epochs"] = "2", ["batch_size"] = "4", ["warmup_epochs"] = "1", ["resize"] = "32", ["size"] = "28" };

    [Fact]
    public async Task One_is_taken_in_and_a_run_keeps_the_source_that_its_name_stood_for()
    {
        await using var node = await TestNode.StartAsync();
        AddCorpus(node);
        var networks = node.Client.Networks;
        var answer = await networks.AddAsync(new AddNetwork { Name = "gate-net", Corpus = "few", Source = Sources.Sound, Parameters = Tried });
        Assert.Empty(answer.Faults);
        var network = answer.Network!;
        Assert.Equal(("word", 1, "node", NodeVersion.Text), (network.Reads, network.Revision, network.KeptBy, network.CodeVersion));
        Assert.Equal(Sources.Sound, Encoding.UTF8.GetString(await node.Client.Artifacts.GetAsync(network.Source)));

        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "gate-net", Corpus = "few", Experiment = "own" });
        Assert.Equal(network.Source, run.Artifacts["network.cs"]);
        Assert.Equal(network.Source, (await node.Workers.NextAsync()).Start.Spec.NetworkSource);

        // The name comes to stand for something else; what's wrong is told, and changes nothing.
        var broken = await networks.AddAsync(new AddNetwork { Name = "gate-net", Corpus = "few", Source = Sources.Sound.Replace("new ReLU());", "new Relu());", StringComparison.Ordinal), Parameters = Tried });
        Assert.Null(broken.Network);
        Assert.Equal((Sources.LineOf(Sources.Sound, "new ReLU());"), "CS0246"), (broken.Faults[0].Line, broken.Faults[0].Code));
        Assert.Equal(1, (await networks.GetAsync("gate-net")).Revision);
        var second = await networks.AddAsync(new AddNetwork { Name = "gate-net", Corpus = "few", Source = Sources.Sound + "\n// changed\n", Parameters = Tried });
        Assert.Equal(2, second.Network!.Revision);
        Assert.Equal(["gate-net"], (await networks.ListAsync()).Select(n => n.Name));
        Assert.Equal(network.Source, (await node.Client.Runs.GetAsync(run.Id)).Artifacts["network.cs"]);
        // A network of LipSol's has no source of a person's.
        Assert.DoesNotContain("network.cs", (await node.Client.Runs.StartAsync(new StartRun { Network = "word-tcn", Corpus = "few", Experiment = "own" })).Artifacts.Keys);
        Assert.False(Directory.Exists(Path.Combine(node.DataFolder, "work")) && Directory.EnumerateDirectories(Path.Combine(node.DataFolder, "work"), "network-*").Any());
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_before_anything_is_started()
    {
        await using var node = await TestNode.StartAsync();
        AddCorpus(node);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Networks.GetAsync("nobodys"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Networks.AddAsync(new AddNetwork { Name = "n", Corpus = "nowhere", Source = "x" }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Networks.AddAsync(new AddNetwork { Name = "a b", Corpus = "few", Source = "x" }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Networks.AddAsync(new AddNetwork { Name = "n", Corpus = "few", Source = " " }));
        Assert.Contains("LipSol's own", (await node.Client.Networks.AddAsync(new AddNetwork { Name = "word-tcn", Corpus = "few", Source = Sources.Sound })).Faults.Single().Message);
    }

    [Fact]
    public async Task One_that_means_harm_is_sent_scheduled_and_trained_and_reaches_nothing_on_its_way()
    {
        using var folder = new TemporaryFolder();
        using var targets = new HostileTargets(folder.Path);
        await using var node = await TestNode.StartAsync(add: services => services.Replace(ServiceDescriptor.Singleton<IWorkerHost>(s => s.GetRequiredService<WorkerHost>())));
        AddCorpus(node);
        // Where it's tried.
        AssertRefused((await node.Client.Networks.AddAsync(new AddNetwork { Name = "gate-net", Corpus = "few", Source = targets.Source, Parameters = Tried })).Faults.Single().Message);
        var answer = await node.Client.Networks.AddAsync(new AddNetwork { Name = "gate-net", Corpus = "few", Source = targets.QuietSource, Parameters = Tried });
        Assert.Empty(answer.Faults);

        // Where it's trained: from the request over the scheduler to the worker, and back into the store.
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "gate-net", Corpus = "few", Experiment = "own", Parameters = Small });
        await foreach (var _ in node.Client.Runs.FollowAsync(run.Id, cancellationToken: TestContext.Current.CancellationToken))
        {
        }

        run = await node.Client.Runs.GetAsync(run.Id);
        Assert.True(run.Status == RunStatus.Completed, run.Reason);
        var log = (await File.ReadAllLinesAsync(RunLog.PathOf(node.Services.GetRequiredService<WorkersOptions>().LogFolder, run.Id), TestContext.Current.CancellationToken));
        var told = log.Where(line => line.Contains("told: ", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("told: ", StringComparison.Ordinal) + "told: ".Length)..]).ToArray();
        Assert.NotEmpty(told);
        Assert.All(told, AssertRefused);
        targets.AssertUntouched();
        Assert.NotEmpty(run.Checkpoints);
        Assert.All(run.Artifacts.Values, hash => Assert.True(node.Artifacts.Exists(hash), hash));
        Assert.Contains("model.onnx", node.Artifacts.ReadFolder(run.Artifacts["model"]).Entries.Select(e => e.RelativePath));
        Assert.Equal(answer.Network!.Source, run.NetworkSource);

        static void AssertRefused(string told)
        {
            Assert.True(HostileTargets.Outcomes(told).Count >= 17, told);
            Assert.DoesNotContain(HostileTargets.Outcomes(told), t => t.How == "done");
        }
    }

    [Fact]
    public async Task A_node_takes_none_where_they_are_switched_off_and_a_name_can_be_taken_away()
    {
        await using var node = await TestNode.StartAsync(options => options with { Networks = false });
        AddCorpus(node);
        var refused = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Networks.AddAsync(new AddNetwork { Name = "gate-net", Corpus = "few", Source = Sources.Sound }));
        Assert.Equal("networks-off", refused.Reason);
        Assert.False((await node.Client.Nodes.ListAsync()).Single().Networks);
        // One that another node of the cluster took in isn't trained here.
        var source = node.Artifacts.PutBytes(Encoding.UTF8.GetBytes(Sources.Sound));
        await node.Services.GetRequiredService<IGrainFactory>().GetGrain<Contracts.Networks.INetworkCatalogGrain>(0).KeepAsync(new Contracts.Networks.NetworkRecord { Name = "gate-net", Source = source, Reads = "word" });
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "gate-net", Corpus = "few", Experiment = "own" });
        Assert.Contains("--networks off", (await node.Client.Runs.GetAsync(run.Id)).Waits);

        await node.Client.Networks.DeleteAsync("gate-net");
        Assert.Empty(await node.Client.Networks.ListAsync());
        Assert.Equal(source, (await node.Client.Runs.GetAsync(run.Id)).NetworkSource);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Networks.DeleteAsync("gate-net"));
    }

    private static Dictionary<string, string> Tried => new() { ["resize"] = "32", ["size"] = "28" };

    /// <summary>A corpus that a word network learns, called <c>few</c>. Returns its data hash.</summary>
    internal static string AddCorpus(TestNode node)
    {
        var clips = new List<CorpusClip>();
        foreach (var split in Enum.GetValues<Split>())
            foreach (var (word, grey) in BrightnessModel.Words.Zip(new byte[] { 10, 127, 245 }))
                for (var take = 0; take < 3; take++)
                {
                    var mouth = BrightnessModel.Clip((byte)(grey + take + 3 * (int)split), frames: 12 + take);
                    var id = $"{split}/{word}/{take}";
                    clips.Add(new CorpusClip
                    {
                        Id = id,
                        Path = id + ".mp4",
                        ContentHash = ArtifactHash.Of(Encoding.UTF8.GetBytes(id)),
                        Speaker = split == Split.Test ? "c" : "a",
                        Split = split,
                        Text = word,
                        MouthClip = node.Artifacts.PutBytes(MouthClipFile.ToBytes(mouth)),
                        Frames = mouth.Length,
                        TrackedFrames = mouth.Length,
                    });
                }
        return node.AddCorpus("few", clips);
    }
}
