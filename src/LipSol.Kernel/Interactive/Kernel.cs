using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive;

/// <summary>What every cell can call without a prefix, as in .NET Interactive.</summary>
[SuppressMessage("Style", "IDE1006", Justification = "The names are .NET Interactive's; notebooks call them.")]
public sealed class Kernel
{
    internal Kernel()
    {
    }

    /// <summary>The kernel of the running cell.</summary>
    public static Kernel Current => KernelInvocationContext.Current.HandlingKernel;

    /// <summary>The same: there is one kernel.</summary>
    public static Kernel Root => Current;

    /// <summary>The kernel itself, for extensions that ask for the root.</summary>
    public Kernel RootKernel => this;

    /// <summary>Shows <paramref name="value"/>; the answer updates it in place.</summary>
    public static DisplayedValue display(object? value, params string[] mimeTypes) => value.Display(mimeTypes);

    /// <summary>Asks the person in front of the notebook for a line.</summary>
    /// <exception cref="InvalidOperationException">Nobody can be asked.</exception>
    public static string input(string prompt = "") => KernelInvocationContext.Current.Ask(prompt, isPassword: false).GetAwaiter().GetResult();

    /// <summary>The same, with what is typed hidden.</summary>
    public static PasswordString password(string prompt = "") => new(KernelInvocationContext.Current.Ask(prompt, isPassword: true).GetAwaiter().GetResult());

    /// <summary>Asks the person in front of the notebook for a line.</summary>
    public static Task<string> GetInputAsync(string prompt = "", string typeHint = "text") => KernelInvocationContext.Current.Ask(prompt, typeHint == "password");

    /// <summary>The same, with what is typed hidden.</summary>
    public static async Task<PasswordString> GetPasswordAsync(string prompt = "") => new(await KernelInvocationContext.Current.Ask(prompt, isPassword: true));

    /// <summary>Marks <paramref name="content"/> as HTML, to be shown as such.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);

    /// <summary>Adds a script to the page (live front ends run it; the saved HTML page runs no script).</summary>
    public static void Javascript(string scriptContent) => $"<script type=\"text/javascript\">{scriptContent}</script>".DisplayAs("text/html");

    /// <summary>Adds a style sheet to the page.</summary>
    public static void CSS(string content) => $"<style>{content}</style>".DisplayAs("text/html");
}
