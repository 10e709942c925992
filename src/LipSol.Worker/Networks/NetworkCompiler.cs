using System.Globalization;
using System.Reflection;
using System.Text;
using LipSol.Models.Networks;
using LipSol.WorkerProtocol;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace LipSol.Worker.Networks;

/// <summary>Source that doesn't compile, or that holds no network: what is wrong, with its lines.</summary>
internal sealed class NetworkSourceException(IReadOnlyList<NetworkFault> faults) : Exception(Words(faults))
{
    public IReadOnlyList<NetworkFault> Faults => faults;

    private static string Words(IReadOnlyList<NetworkFault> faults) =>
        $"The network's source can't be used. {string.Join(" ", faults.Take(5).Select(f => f.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"Line {f.Line}: {f.Message}") : f.Message))}";
}

/// <summary>Compiles the source of a network that a person wrote, against LipSol's layers as they are in this very process.</summary>
internal static class NetworkCompiler
{
    /// <summary>What stack traces call the source.</summary>
    public const string FileName = "network.cs";

    private const int MostFaults = 20;
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using LipSol.Clips;
        global using LipSol.Models.Layers;
        global using LipSol.Models.Networks;
        global using LipSol.Models.Onnx;
        global using LipSol.Models.Parameters;
        global using TorchSharp;
        global using static TorchSharp.torch;
        """;

    /// <summary>Compiles it and makes its network known under <paramref name="name"/>.</summary>
    /// <exception cref="NetworkSourceException">It doesn't compile, or has no network in it.</exception>
    public static void Register(string name, string source)
    {
        if (NetworkRegistry.Names.Contains(name))
            throw Fault($"{name} is one of LipSol's own networks ({string.Join(", ", NetworkRegistry.Names)}). Give yours another name.");
        var types = Compile(source).GetExportedTypes().Where(t => t.IsSubclassOf(typeof(Network)) && !t.IsAbstract).ToArray();
        if (types is not [var network])
        {
            throw Fault(types.Length == 0
                ? "There is no network in it: write a public class that derives from WordNetwork (clip_BCTHW to logits_BV) or SentenceNetwork (to logits_TBV)."
                : $"There are {types.Length} networks in it ({string.Join(", ", types.Select(t => t.Name))}): leave one public.");
        }

        try
        {
            NetworkRegistry.Add(name, network);
        }
        catch (ArgumentException e)
        {
            throw Fault(e.Message);
        }
    }

    /// <summary>What is to be told of an error that the network's own code threw, with the last line of it that was under way; null where none of its code was.</summary>
    public static NetworkFault? FaultOf(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            var frame = new System.Diagnostics.StackTrace(e, fNeedFileInfo: true).GetFrames().FirstOrDefault(f => Path.GetFileName(f.GetFileName()) == FileName);
            if (frame is not null) return new NetworkFault(frame.GetFileLineNumber(), frame.GetFileColumnNumber(), e.GetType().Name, e.Message.Trim());
        }

        return null;
    }

    private static Assembly Compile(string source)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            "LipSol.Network." + Guid.NewGuid().ToString("N"),
            [
                CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), options, FileName),
                CSharpSyntaxTree.ParseText(SourceText.From(Usings, Encoding.UTF8), options, "usings.cs"),
            ],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Debug, nullableContextOptions: NullableContextOptions.Enable));
        using var library = new MemoryStream();
        using var lines = new MemoryStream();
        var result = compilation.Emit(library, lines, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!result.Success)
        {
            throw new NetworkSourceException([.. result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).OrderBy(d => d.Location.SourceSpan.Start).Take(MostFaults).Select(d =>
            {
                var at = d.Location.GetLineSpan().StartLinePosition;
                return new NetworkFault(at.Line + 1, at.Character + 1, d.Id, d.GetMessage(CultureInfo.InvariantCulture));
            })]);
        }

        return Assembly.Load(library.ToArray(), lines.ToArray());
    }

    private static NetworkSourceException Fault(string message) => new([new NetworkFault(0, 0, "", message)]);
}
