using System.Globalization;
using System.Reflection;

namespace LipSol.Models.Parameters;

/// <summary>Names a property of an options record as a run's parameter.</summary>
/// <param name="name">The parameter's name, e.g. <c>learning_rate</c>.</param>
/// <param name="meaning">What it does, in half a line.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ParameterAttribute(string name, string meaning) : Attribute
{
    /// <summary>The parameter's name.</summary>
    public string Name { get; } = name;
    /// <summary>What it does.</summary>
    public string Meaning { get; } = meaning;
    /// <summary>Smallest value.</summary>
    public double Least { get; init; } = double.NegativeInfinity;
    /// <summary>Largest value.</summary>
    public double Most { get; init; } = double.PositiveInfinity;
}

/// <summary>A parameter that a run may set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Meaning">What it does.</param>
/// <param name="Default">Its default, as text.</param>
public sealed record KnownParameter(string Name, string Meaning, string Default);

/// <summary>A parameter that doesn't exist or has a value that can't be.</summary>
public sealed class InvalidParameterException : Exception
{
    /// <summary>Creates the refusal.</summary>
    /// <param name="message">Which parameter, what was wrong, and what would be right.</param>
    public InvalidParameterException(string message) : base(message) { }
}

/// <summary>Turns parameters given as text into an options record, and an options record back into text.</summary>
internal static class ParameterBinder
{
    internal static IEnumerable<KnownParameter> Known<T>(T defaults) where T : class =>
        Properties(typeof(T)).Select(p => new KnownParameter(p.Parameter.Name, p.Parameter.Meaning, Text(p.Property.GetValue(defaults)!)));

    /// <summary>A record with what <paramref name="values"/> sets and <paramref name="defaults"/> elsewhere. Names the record doesn't know are left to others: see <see cref="RefuseUnknown"/>.</summary>
    /// <exception cref="InvalidParameterException">A value isn't of the parameter's type or outside its range.</exception>
    internal static T Bind<T>(IReadOnlyDictionary<string, string> values, T defaults) where T : class, new()
    {
        var options = new T();
        foreach (var (property, parameter) in Properties(typeof(T)))
            property.SetValue(options, values.TryGetValue(parameter.Name, out var text) ? Parse(parameter, property.PropertyType, text) : property.GetValue(defaults));
        return options;
    }

    /// <summary>All of a record's parameters as text, defaults included.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Values<T>(T options) where T : class =>
        Properties(typeof(T)).Select(p => KeyValuePair.Create(p.Parameter.Name, Text(p.Property.GetValue(options)!)));

    internal static void RefuseUnknown(IEnumerable<string> names, IReadOnlyCollection<KnownParameter> known, string network)
    {
        var unknown = names.Where(n => known.All(k => k.Name != n)).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
            throw new InvalidParameterException(
                $"{network} has no parameter {string.Join(", ", unknown.Select(u => $"'{u}'"))}. It has: {string.Join(", ", known.Select(k => $"{k.Name} ({k.Default})").Order(StringComparer.Ordinal))}.");
    }

    private static IEnumerable<(PropertyInfo Property, ParameterAttribute Parameter)> Properties(Type type) =>
        from property in type.GetProperties()
        let parameter = property.GetCustomAttribute<ParameterAttribute>()
        where parameter is not null
        select (property, parameter);

    private static object Parse(ParameterAttribute parameter, Type type, string text)
    {
        if (type == typeof(string)) return text;
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag) ? flag : throw new InvalidParameterException($"Parameter '{parameter.Name}' is '{text}'; it is true or false ({parameter.Meaning}).");
        var isWhole = type == typeof(int);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) || (isWhole && number != Math.Floor(number)))
            throw new InvalidParameterException($"Parameter '{parameter.Name}' is '{text}'; it is a {(isWhole ? "whole number" : "number, with a point for decimals")} ({parameter.Meaning}).");
        if (number < parameter.Least || number > parameter.Most)
            throw new InvalidParameterException(string.Create(CultureInfo.InvariantCulture,
                $"Parameter '{parameter.Name}' is {text}; it lies between {parameter.Least} and {parameter.Most} ({parameter.Meaning})."));
        return isWhole ? (object)(int)number : number;
    }

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
