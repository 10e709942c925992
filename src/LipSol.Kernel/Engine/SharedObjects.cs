using System.Collections.Concurrent;
using System.ComponentModel;

namespace LipSol.Kernel.Engine;

/// <summary>Hands objects of the kernel over to code of cells; for code that the kernel itself writes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SharedObjects
{
    private static readonly ConcurrentDictionary<string, object?> Waiting = new();

    /// <summary>The object that waits under <paramref name="key"/>; it can be taken once.</summary>
    public static T Take<T>(string key) => Waiting.TryRemove(key, out var value) ? (T)value! : throw new KeyNotFoundException($"Nothing waits under {key}.");

    /// <summary>Puts <paramref name="value"/> where <paramref name="key"/> waits for it.</summary>
    public static void Give(string key, object? value) => Waiting[key] = value;

    /// <summary>A declaration of <paramref name="name"/> in C#, that holds <paramref name="value"/> itself.</summary>
    internal static string Declaration(string name, object? value)
    {
        var type = value is null ? "object" : NameOf(value.GetType());
        return $"{type ?? "dynamic"} {name} = global::LipSol.Kernel.Engine.SharedObjects.Take<{type ?? "object"}>(\"{Keep(value)}\");";
    }

    /// <summary>Keeps <paramref name="value"/> until it is taken, once, under the answer.</summary>
    internal static string Keep(object? value)
    {
        var key = Guid.NewGuid().ToString("N");
        Waiting[key] = value;
        return key;
    }

    /// <summary>The nearest type of <paramref name="value"/> that F# can name, as F# writes it; null where that is object. What a query gives has a type that nobody can name: it is a sequence.</summary>
    internal static string? FSharpName(object? value)
    {
        if (value is null)
            return null;
        var sequence = Array.Find(value.GetType().GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        return (NameOf(value.GetType()) ?? (sequence is null ? null : NameOf(sequence)))?.Replace("global::", "global.", StringComparison.Ordinal);
    }

    // As C# writes it; null where it can't: types that cells declare live in classes whose names no code can write.
    private static string? NameOf(Type type)
    {
        if (type.IsArray)
            return NameOf(type.GetElementType()!) is { } element ? $"{element}[{new string(',', type.GetArrayRank() - 1)}]" : null;
        if (!type.IsVisible || type.IsPointer || type.IsByRef || type.Assembly.IsDynamic || string.IsNullOrEmpty(type.Assembly.Location) || type.FullName is null || type.FullName.AsSpan().IndexOfAny('#', '<') >= 0)
            return null;
        var arguments = type.GetGenericArguments().Select(NameOf).ToArray();
        if (Array.Exists(arguments, a => a is null))
            return null;
        var name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;
        var taken = 0;
        var pieces = name.Split('+').Select(piece =>
        {
            if (piece.Split('`') is not [var plain, var count])
                return piece;
            var own = arguments.Skip(taken).Take(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            taken += own.Length;
            return $"{plain}<{string.Join(", ", own)}>";
        });
        return "global::" + string.Join('.', pieces);
    }
}
