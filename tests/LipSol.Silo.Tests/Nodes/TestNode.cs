using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Grains;
using LipSol.Grains.Ports;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Node;
using LipSol.Silo.Transcriptions;
using LipSol.Silo.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>A real node in this process: Orleans, SQLite, HTTP on a free port, a data folder of its own. Only what runs in other processes, training and cropping, is played by the test.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public const string Corpus = "drawn";
    private readonly TemporaryFolder folder;
    private readonly LipSolNode node;

    private TestNode(TemporaryFolder folder, LipSolNode node, ScriptedWorkers workers, ScriptedCropper cropper)
    {
        this.folder = folder;
        this.node = node;
        Workers = workers;
        Cropper = cropper;
        Client = new LipSolClient(new Uri(node.Url), node.Token);
        Http = new HttpClient(Handler()) { BaseAddress = new Uri(node.Url) };
    }

    public LipSolClient Client { get; }

    /// <summary>Without a token.</summary>
    public HttpClient Http { get; }

    public ScriptedWorkers Workers { get; }

    public ScriptedCropper Cropper { get; }

    public string DataFolder => folder.Path;

    public string Url => node.Url;

    public string Token => node.Token;

    public IServiceProvider Services => node.Services;

    public FolderArtifactStore Artifacts => node.Services.GetRequiredService<FolderArtifactStore>();

    /// <summary>One that doesn't send a body which the node is asked about first (Expect: 100-continue) only because the answer takes a while.</summary>
    public static SocketsHttpHandler Handler() => new() { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };

    public static NodeOptions Options(string dataFolder) => new()
    {
        DataFolder = dataFolder,
        Port = 0,
        Name = "test",
        Device = "cpu",
        Uploads = new UploadLimits { Bytes = 1 << 20, ProcessingSeconds = 5 },
    };

    /// <param name="change">Of its options.</param>
    /// <param name="crops">Videos are cropped by the real cropper, in a process of its own.</param>
    /// <param name="add">Services of the test's own.</param>
    /// <param name="clock">What the grains take for the time; null: the time.</param>
    public static async Task<TestNode> StartAsync(Func<NodeOptions, NodeOptions>? change = null, bool crops = false, Action<IServiceCollection>? add = null, TimeProvider? clock = null)
    {
        var folder = new TemporaryFolder();
        var (workers, cropper) = (new ScriptedWorkers(folder.Path), new ScriptedCropper());
        var options = change?.Invoke(Options(folder.Path)) ?? Options(folder.Path);
        try
        {
            var node = await LipSolNode.StartAsync(options, services =>
            {
                // But for what goes to a collector of the test.
                if (!options.Telemetry.IsExported("LOGS")) services.AddLogging(log => log.ClearProviders());
                foreach (var hosted in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory is { } make && make.Method.DeclaringType?.DeclaringType == typeof(WorkersServices) && !(crops && make.Method.ReturnType == typeof(ClipCropperPool))).ToArray())
                    services.Remove(hosted);
                services.Replace(ServiceDescriptor.Singleton<IWorkerHost>(workers));
                if (clock is not null) services.AddKeyedSingleton(LipSolGrainsExtensions.Clock, clock);
                if (!crops) services.Replace(ServiceDescriptor.Singleton<IClipCropper>(cropper));
                add?.Invoke(services);
            });
            return new TestNode(folder, node, workers, cropper);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A corpus of clips whose brightness is their word: speakers a and b seen, c unseen, one clip refused. Returns its data hash.</summary>
    public string AddCorpus(string name = Corpus)
    {
        var clips = new List<CorpusClip>();
        foreach (var (speaker, split) in new[] { ("a", Split.Train), ("b", Split.Train), ("a", Split.Val), ("a", Split.Test), ("b", Split.Test), ("c", Split.Test) })
            foreach (var (word, grey) in BrightnessModel.Words.Zip(new byte[] { 10, 127, 245 }))
                for (var take = 0; take < 4; take++)
                {
                    var mouth = BrightnessModel.Clip((byte)(grey + take), frames: 16 + take);
                    clips.Add(Tracked($"{speaker}/{split}/{word} {take}", speaker, split, word, mouth));
                }
        clips.Add(new CorpusClip { Id = "a/dark", Path = "a/dark.mp4", ContentHash = new string('1', 32), Speaker = "a", Split = Split.Train, Text = "کب", Refused = "No face in 100 % of its 20 frames." });
        return AddCorpus(name, clips);
    }

    /// <summary>A corpus of sentences whose letters are grey levels (<see cref="GreyLettersModel"/>): speaker a seen, c unseen and with an unclear last letter in every second clip of <c>test</c>. Returns its data hash.</summary>
    public string AddSentences(string name)
    {
        var clips = new List<CorpusClip>();
        foreach (var (speaker, split) in new[] { ("a", Split.Train), ("a", Split.Val), ("a", Split.Test), ("c", Split.Test) })
            for (var take = 0; take < 6; take++)
            {
                var said = take % 2 == 0 ? "ہم کب" : "کب ہم";
                var mouth = GreyLettersModel.Clip(said, i => speaker == "c" && take % 2 == 0 && i == 4);
                clips.Add(Tracked($"{speaker}/{split}/{take}", speaker, split, said, mouth));
            }
        return AddCorpus(name, clips);
    }

    /// <summary>A corpus of the clips given. Returns its data hash.</summary>
    public string AddCorpus(string name, IReadOnlyList<CorpusClip> clips) => node.Services.GetRequiredService<CorpusCatalog>().Set(new CorpusManifest
    {
        Name = name,
        Kind = CorpusKind.Synthetic,
        Language = "ur",
        Origin = new Dictionary<string, string> { ["source"] = "test" },
        Crops = BrightnessModel.Crop,
        Clips = clips,
    });

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        await node.DisposeAsync();
        folder.Dispose();
    }

    private CorpusClip Tracked(string id, string speaker, Split split, string text, MouthClip mouth) => new()
    {
        Id = id,
        Path = id + ".mp4",
        ContentHash = new string('0', 32),
        Speaker = speaker,
        Split = split,
        Text = text,
        MouthClip = Artifacts.PutBytes(MouthClipFile.ToBytes(mouth)),
        Frames = mouth.Length,
        TrackedFrames = mouth.Length,
    };
}
