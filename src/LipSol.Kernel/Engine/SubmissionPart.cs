using LipSol.Kernel.Magics;
using LipSol.Kernel.Packages;

namespace LipSol.Kernel.Engine;

/// <summary>What a part of a cell is written in.</summary>
internal enum PartLanguage
{
    CSharp,
    FSharp,
    Html,
    Markdown,
    Mermaid,
    JavaScript,
    Value,
    Model,
}

/// <summary>A part of a cell: a run of lines in one language, or a line that is a magic.</summary>
internal abstract record SubmissionPart;

/// <summary>A run of lines in one language, and the references it asks for. Lines keep their numbers in the cell.</summary>
/// <param name="Language">What it is written in.</param>
/// <param name="Code">The lines.</param>
/// <param name="FirstLine">How many lines stand before it.</param>
/// <param name="References">The lines with <c>#r</c> and <c>#i</c>, which are left empty in the code.</param>
/// <param name="OpenedBy">The line that chose the language; null where none did.</param>
internal sealed record CodePart(PartLanguage Language, string Code, int FirstLine, IReadOnlyList<ReferenceDirective> References, MagicLine? OpenedBy = null) : SubmissionPart
{
    /// <summary>The code with as many empty lines in front as stand before it in the cell, so that the compiler's line numbers are the cell's.</summary>
    public string CodeAtItsLines => new string('\n', FirstLine) + Code;

    public bool IsBlank => string.IsNullOrWhiteSpace(Code);
}

/// <summary>A line that asks the kernel for something.</summary>
/// <param name="Line">The line.</param>
/// <param name="Language">What the lines around it are written in.</param>
internal sealed record MagicPart(MagicLine Line, PartLanguage Language) : SubmissionPart;
