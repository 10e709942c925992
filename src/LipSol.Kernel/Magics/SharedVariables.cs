using LipSol.Kernel.Engine;
using Microsoft.CodeAnalysis.CSharp;

namespace LipSol.Kernel.Magics;

/// <summary><c>#!share</c>, <c>#!set</c> and <c>#!value</c>: values go from one kernel to another as they are, not as copies.</summary>
internal static class SharedVariables
{
    public static Task<CellError?> ShareAsync(MagicLine line, MagicCall call)
    {
        line.Allow("from", "as", "mime-type");
        var name = line.Plain is [var word] ? word : throw line.Refused("write #!share NAME --from csharp, --from fsharp or --from value.");
        var from = line.Option("from") ?? throw line.Refused("say whose it is: --from csharp, --from fsharp or --from value.");
        return PutAsync(line, call, line.Option("as") ?? name, Value(line, call, from, name));
    }

    public static async Task<CellError?> SetAsync(MagicLine line, MagicCall call)
    {
        line.Allow("name", "value", "mime-type", "byref");
        var name = line.Option("name") ?? throw line.Refused("say which variable: --name NAME.");
        var value = line.Option("value") ?? throw line.Refused("say what it holds: --value TEXT, or @value:NAME.");
        if (!value.StartsWith('@'))
            return await PutAsync(line, call, name, value);
        var (kernel, what) = value[1..].Split(':', 2) is [var k, var n] ? (k, n) : ("csharp", value[1..]);
        var held = kernel.ToLowerInvariant() switch
        {
            "input" => await call.Context.Ask(what, isPassword: false),
            "password" => new Microsoft.DotNet.Interactive.PasswordString(await call.Context.Ask(what, isPassword: true)),
            _ => Value(line, call, kernel, what),
        };
        return await PutAsync(line, call, name, held);
    }

    /// <summary><c>#!value --name N</c> and the lines below it, or <c>--from-file F</c>.</summary>
    public static async Task StoreAsync(MagicLine line, string text, MagicCall call)
    {
        line.Allow("name", "from-file", "mime-type");
        var name = line.Option("name") ?? throw line.Refused("say how it is to be called: --name NAME.");
        if (line.Option("from-file") is { } file)
        {
            if (!string.IsNullOrWhiteSpace(text))
                throw line.Refused("either --from-file or lines below, not both.");
            var path = call.Absolute(file);
            text = File.Exists(path) ? await File.ReadAllTextAsync(path) : throw line.Refused($"there is no file {path}.");
        }

        call.Values[name] = text;
        if (line.Option("mime-type") is { } mimeType)
            Microsoft.DotNet.Interactive.KernelInvocationContextExtensions.DisplayAs(call.Context, text, mimeType);
    }

    private static object? Value(MagicLine line, MagicCall call, string kernel, string name)
    {
        switch (kernel.ToLowerInvariant())
        {
            case "csharp" or "c#":
                return Find(PartLanguage.CSharp, "C#");
            case "fsharp" or "f#":
                return Find(PartLanguage.FSharp, "F#");
            case "value":
                return call.Values.TryGetValue(name, out var value) ? value : throw line.Refused($"#!value keeps nothing under the name {name}.");
            default:
                throw line.Refused($"there is no kernel {kernel}. There are csharp, fsharp and value.");
        }

        object? Find(PartLanguage language, string called) =>
            call.Variables(language).FirstOrDefault(v => v.Name == name) is { } variable ? variable.Value : throw line.Refused($"there is no {called} variable {name}.");
    }

    private static Task<CellError?> PutAsync(MagicLine line, MagicCall call, string name, object? value)
    {
        if (call.Language == PartLanguage.Value)
        {
            call.Values[name] = value;
            return Task.FromResult<CellError?>(null);
        }

        return call.Language == PartLanguage.FSharp || SyntaxFacts.IsValidIdentifier(name) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None
            ? call.Declare(name, value)
            : throw line.Refused($"{name} can't be the name of a C# variable.");
    }
}
