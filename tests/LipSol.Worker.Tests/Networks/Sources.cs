namespace LipSol.Worker.Tests.Networks;

/// <summary>Networks as a person writes them.</summary>
internal static class Sources
{
    /// <summary>One that reads letters, made of LipSol's layers and nothing else.</summary>
    public const string Letters = """
        public sealed record LetterNetOptions : VisualTrunkOptions;

        public sealed class LetterNet : SentenceNetwork
        {
            private const int ScaleWidth = 16;
            private readonly Layer reads;

            public LetterNet(LetterNetOptions options, InputSpec input, int classes) : base("letter-net", input, classes)
            {
                var trunk = new VisualTrunk(options, input, GetName());
                reads = new Stack(trunk, MultiScaleBlock.Create(trunk.Features, ScaleWidth, dilation: 1, dropout: 0.1), new LetterHead(MultiScaleBlock.Scales.Count * ScaleWidth, classes, dropout: 0.1));
                RegisterComponents();
            }

            public override Tensor forward(Tensor clip_BCTHW) => reads.call(clip_BCTHW);

            public override string Export(OnnxGraphBuilder graph, string input) => reads.Export(graph, input);

            public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => reads.ExportMasked(graph, input, mask);

            protected override Tensor Masked(Tensor input, ClipMask mask) => reads.call(input, mask);
        }
        """;

    public const string Sound = """
        public sealed record GateNetOptions
        {
            [Parameter("width", "channels of the first convolution", Least = 4, Most = 256)]
            public int Width { get; init; } = 8;
        }

        public sealed class Gate : Layer
        {
            private readonly Layer looks;

            public Gate(long channels) : base(nameof(Gate))
            {
                looks = Conv1d.SameLength(channels, channels, kernel: 5, dilation: 1);
                RegisterComponents();
            }

            public override Tensor forward(Tensor features_BDT) => features_BDT * looks.call(features_BDT).sigmoid();

            public override string Export(OnnxGraphBuilder graph, string input) => graph.Node("Mul", [input, graph.Node("Sigmoid", [looks.Export(graph, input)])]);
        }

        public sealed class GateNet : WordNetwork
        {
            private readonly Layer visual, temporal, classifier;

            public GateNet(GateNetOptions options, InputSpec input, int classes) : base("gate-net", input, classes)
            {
                var (width, edge) = (options.Width, (input.Size + 1) / 2 / 2);
                visual = new Stack(
                    new Conv3d(input.Channels, width, kernel: (5, 5, 5), stride: (1, 2, 2), padding: (2, 2, 2), bias: false), new BatchNorm(width, 3), new ReLU(), new SpatialHalve(),
                    new PerFrame(new GlobalAveragePool(), width, edge, edge, width));
                temporal = new Stack(new Gate(width), new ReLU());
                classifier = new Stack(new Linear(width, classes));
                RegisterComponents();
            }

            public override Tensor forward(Tensor clip_BCTHW) => classifier.call(temporal.call(visual.call(clip_BCTHW)).mean([2]));

            public override string Export(OnnxGraphBuilder graph, string input) =>
                classifier.Export(graph, new TemporalMean().Export(graph, temporal.Export(graph, visual.Export(graph, input))));
        }
        """;

    /// <summary>The line (from 1) on which a piece of a source begins.</summary>
    public static int LineOf(string source, string piece) => source[..source.IndexOf(piece, StringComparison.Ordinal)].Count(c => c == '\n') + 1;

    /// <summary>What <see cref="Hostile"/> aims at: a file to read and to change, one to make, one whose mode to change, servers, a process.</summary>
    public sealed record Targets(string Secret, string Made, string Moded, int Port, string LocalStream, string LocalDatagram, int Host);

    /// <summary>Calls of an x86-64 machine, with arguments with which they do nothing, that a network needs never.</summary>
    public static IReadOnlyList<int> NeverNeeded { get; } = [53, 59, 92, 101, 141, 165, 188, 248, 250, 272, 298, 304, 308, 310, 312, 314, 321, 322, 323, 434];

    /// <summary>A network whose constructor does what it shouldn't, and tells of each whether it was done or how it was refused.</summary>
    public static string Hostile(Targets at) => Sound.Replace("RegisterComponents();\n    }\n\n    public override Tensor forward(Tensor clip", $$"""
        var told = new List<string>();
                void Try(string what, Action act) { try { act(); told.Add(what + ": done"); } catch (Exception e) { told.Add($"{what}: {e.GetType().Name}"); } }
                void Call(string what, Func<long> call) => Try(what, () => { if (call() < 0) throw System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == 13 ? new UnauthorizedAccessException() : new InvalidOperationException(); });
                Try("read", () => System.IO.File.ReadAllText("{{at.Secret}}"));
                Try("list", () => System.IO.Directory.GetFiles(System.IO.Path.GetDirectoryName("{{at.Secret}}")));
                Try("shadow", () => System.IO.File.ReadAllBytes("/etc/shadow"));
                Try("write", () => System.IO.File.WriteAllText("{{at.Made}}", "x"));
                Try("link", () => System.IO.File.CreateSymbolicLink(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"link-{Guid.NewGuid():N}"), "{{at.Secret}}"));
                Try("connect", () => new System.Net.Sockets.TcpClient("127.0.0.1", {{at.Port}}).Dispose());
                Try("datagram", () => new System.Net.Sockets.UdpClient("127.0.0.1", {{at.Port}}).Dispose());
                Try("local connect", () => Local(System.Net.Sockets.SocketType.Stream).Connect(new System.Net.Sockets.UnixDomainSocketEndPoint("{{at.LocalStream}}")));
                Try("local datagram", () => Local(System.Net.Sockets.SocketType.Dgram).SendTo([1], new System.Net.Sockets.UnixDomainSocketEndPoint("{{at.LocalDatagram}}")));
                Try("environment", () => System.IO.File.ReadAllBytes("/proc/{{at.Host}}/environ"));
                Try("child", () => { using var child = System.Diagnostics.Process.Start("/bin/true"); child.WaitForExit(); });
                Try("mode", () => { Chmod("{{at.Moded}}", 511); if ((int)System.IO.File.GetUnixFileMode("{{at.Moded}}") != 511) throw new UnauthorizedAccessException(); });
                Try("token", () => { if (Environment.GetEnvironmentVariable("LIPSOL_TOKEN") is null) throw new KeyNotFoundException(); });
                Call("signal", () => Kill({{at.Host}}, 0));
                Call("truncate", () => Truncate("{{at.Secret}}", 0));
                Call("limits", () => Prlimit({{at.Host}}, 7, IntPtr.Zero, new long[2]));
                using (var file = System.IO.File.OpenHandle("/dev/zero")) Call("owner", () => Syscall(72, (long)file.DangerousGetHandle(), 8, {{at.Host}}, 0, 0));
                if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64)
                {
                    var signal = System.Runtime.InteropServices.Marshal.AllocHGlobal(128);
                    for (var i = 0; i < 128; i += 8) System.Runtime.InteropServices.Marshal.WriteInt64(signal, i, 0);
                    System.Runtime.InteropServices.Marshal.WriteInt32(signal, 8, -1);
                    Call("queued signal", () => Syscall(129, {{at.Host}}, 0, signal, 0, 0));
                    Call("priority", () => Syscall(251, 1, {{at.Host}}, 0, 0, 0));
                    foreach (var call in new[] { {{string.Join(", ", NeverNeeded)}} }) Call($"call {call}", () => Syscall(call, -1, -1, -1, -1, -1) < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == 13 ? -1 : 0);
                    // A fork, and at the same time what it can't be.
                    Call("fork", () => Syscall(56, 0x20200, 0, 0, 0, 0) < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == 13 ? -1 : 0);
                }
                throw new InvalidOperationException(string.Join("; ", told));
            }

            private static System.Net.Sockets.Socket Local(System.Net.Sockets.SocketType type) => new(System.Net.Sockets.AddressFamily.Unix, type, System.Net.Sockets.ProtocolType.Unspecified);
            [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill", SetLastError = true)] private static extern int Kill(int process, int signal);
            [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "truncate", SetLastError = true)] private static extern int Truncate(string path, long length);
            [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "chmod", SetLastError = true)] private static extern int Chmod(string path, int mode);
            [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "prlimit", SetLastError = true)] private static extern int Prlimit(int process, int resource, IntPtr limit, [System.Runtime.InteropServices.Out] long[] old);
            [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "syscall", SetLastError = true)] private static extern long Syscall(long number, long first, long second, long third, long fourth, long fifth);

            public override Tensor forward(Tensor clip
        """, StringComparison.Ordinal);
}
